//! What was moved: the fewest whose moving gives the new order.

/// Of positions in the old order, in the new order, those that stand where they stood relative to each other: a longest
/// rising sequence of them, by its indices. The rest was moved.
pub(super) fn unmoved(positions: &[usize]) -> Vec<usize> {
    // The index of the smallest last position of a rising sequence of each length, and what came before each index.
    let mut lasts: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = vec![None; positions.len()];
    for (index, position) in positions.iter().enumerate() {
        let length = lasts.partition_point(|last| positions[*last] < *position);
        before[index] = length.checked_sub(1).map(|shorter| lasts[shorter]);
        match lasts.get_mut(length) {
            Some(last) => *last = index,
            None => lasts.push(index),
        }
    }
    let mut found: Vec<usize> = std::iter::successors(lasts.last().copied(), |index| before[*index]).collect();
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
