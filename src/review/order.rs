//! What was moved: the fewest whose moving gives the new order.

/// Of positions in the old order, in the new order, those that stand where they stood relative to each other: a longest
/// rising sequence of them, by its indices. The rest was moved.
pub(super) fn unmoved(positions: &[usize]) -> Vec<usize> {
    // Index and value of the smallest last position of a rising sequence of each length, and which index came before each index.
    let mut lasts: Vec<(usize, usize)> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(positions.len());
    for (index, position) in positions.iter().enumerate() {
        let length = lasts.partition_point(|(_, last)| last < position);
        before.push(length.checked_sub(1).and_then(|shorter| lasts.get(shorter)).map(|(index, _)| *index));
        match lasts.get_mut(length) {
            Some(last) => *last = (index, *position),
            None => lasts.push((index, *position)),
        }
    }
    let last = lasts.last().map(|(index, _)| *index);
    let mut found: Vec<usize> = std::iter::successors(last, |index| before.get(*index).copied().flatten()).collect();
    found.reverse();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_little_as_possible_is_moved() {
        assert_eq!(unmoved(&[]), [0usize; 0]);
        assert_eq!(unmoved(&[0, 1, 2]), [0, 1, 2]);
        assert_eq!(unmoved(&[3, 0, 1, 2]), [1, 2, 3]);
        assert_eq!(unmoved(&[1, 2, 3, 0]), [0, 1, 2]);
        assert_eq!(unmoved(&[2, 1, 0]).len(), 1);
    }
}
