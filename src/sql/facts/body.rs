//! Bodies of DO blocks and of functions.

use std::ops::Range;

use squawk_syntax::{
    SyntaxNode,
    ast::{self, AstNode},
};

use super::places::NodePlaces;

/// What goes through the tree of a body.
type Visit<'v> = &'v mut dyn FnMut(&SyntaxNode, &NodePlaces<'_>);

/// The block of a DO.
pub(super) fn of_do(node: &SyntaxNode, places: &NodePlaces<'_>, visit: Visit<'_>) {
    let Some(body) = ast::Do::cast(node.clone()).and_then(|block| block.plpgsql()) else { return };
    go_inside(node, places, &body.syntax(), visit, &|inner| {
        let range = body.source_range(inner.text_range());
        range.start().into()..range.end().into()
    });
}

/// The body of a function or procedure in PL/pgSQL or SQL. One in the SQL standard's form stands in the tree already.
pub(super) fn of_routine(node: &SyntaxNode, places: &NodePlaces<'_>, visit: Visit<'_>) {
    let function = ast::CreateFunction::cast(node.clone());
    let procedure = ast::CreateProcedure::cast(node.clone());
    let plpgsql = function.as_ref().and_then(|f| f.plpgsql()).or_else(|| procedure.as_ref().and_then(|p| p.plpgsql()));
    if let Some(body) = plpgsql {
        go_inside(node, places, &body.syntax(), visit, &|inner| {
            let range = body.source_range(inner.text_range());
            range.start().into()..range.end().into()
        });
        return;
    }
    let sql = function.as_ref().and_then(|f| f.sql_body()).or_else(|| procedure.as_ref().and_then(|p| p.sql_body()));
    if let Some(body) = sql {
        go_inside(node, places, &body.syntax(), visit, &|inner| {
            let range = body.source_range(inner.text_range());
            range.start().into()..range.end().into()
        });
    }
}

/// Goes through a body. Its places are known in the statement's own text; a body in a body stands where its statement does.
fn go_inside(
    outer: &SyntaxNode,
    places: &NodePlaces<'_>,
    body: &SyntaxNode,
    visit: Visit<'_>,
    in_statement: &dyn Fn(&SyntaxNode) -> Range<usize>,
) {
    match places {
        NodePlaces::Statement { base } => {
            let shifted = |inner: &SyntaxNode| {
                let range = in_statement(inner);
                base + range.start..base + range.end
            };
            visit(body, &NodePlaces::Body(&shifted));
        }
        NodePlaces::Body(_) => {
            let whole = places.of(outer);
            visit(body, &NodePlaces::Body(&|_| whole.clone()));
        }
    }
}
