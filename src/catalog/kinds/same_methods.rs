//! Methods of [`CatalogKind`](super::catalog_kind::CatalogKind) that several kinds have word for word.

/// Those of types, by the word after ALTER and DROP.
macro_rules! type_methods {
    ($noun:literal) => {
        fn noun(&self, _key: &$crate::catalog::kind::ObjectKey) -> &'static str {
            $noun
        }

        fn bare_name<'a>(&'a self, key: &'a $crate::catalog::kind::ObjectKey) -> Option<&'a str> {
            Some(&key.name)
        }

        fn made(&self) -> $crate::catalog::kinds::catalog_kind::CreateOrder {
            $crate::catalog::kinds::catalog_kind::CreateOrder::Types
        }

        fn dropped(&self) -> $crate::catalog::kinds::catalog_kind::DropOrder {
            $crate::catalog::kinds::catalog_kind::DropOrder::Types
        }

        fn granted(&self, key: &$crate::catalog::kind::ObjectKey) -> Option<String> {
            Some(format!("TYPE {}", self.title(key)))
        }

        fn built_in(&self, owner: &str, _server_version: u32) -> Vec<$crate::catalog::privilege::Grant> {
            $crate::catalog::privilege::Grant::public(owner, "USAGE")
        }
    };
}

/// Those of tables and views, by the word after ALTER and DROP, and by where they come among what is made and dropped.
macro_rules! relation_methods {
    ($noun:literal, $order:ident) => {
        fn noun(&self, _key: &$crate::catalog::kind::ObjectKey) -> &'static str {
            $noun
        }

        fn bare_name<'a>(&'a self, key: &'a $crate::catalog::kind::ObjectKey) -> Option<&'a str> {
            Some(&key.name)
        }

        fn made(&self) -> $crate::catalog::kinds::catalog_kind::CreateOrder {
            $crate::catalog::kinds::catalog_kind::CreateOrder::$order
        }

        fn dropped(&self) -> $crate::catalog::kinds::catalog_kind::DropOrder {
            $crate::catalog::kinds::catalog_kind::DropOrder::$order
        }

        fn granted(&self, key: &$crate::catalog::kind::ObjectKey) -> Option<String> {
            Some(format!("TABLE {}", self.title(key)))
        }

        fn built_in(&self, owner: &str, server_version: u32) -> Vec<$crate::catalog::privilege::Grant> {
            $crate::catalog::kinds::table::table_privileges(owner, server_version)
        }
    };
}

/// Those of relations whose columns are known with all that belongs to them, and which have the columns of the system.
macro_rules! column_methods {
    () => {
        fn column_facts(&self) -> Vec<&$crate::catalog::kinds::table::ColumnFacts> {
            self.columns.iter().map(|column| &column.facts).chain(&self.system_columns).collect()
        }

        fn column_facts_mut(&mut self) -> Vec<&mut $crate::catalog::kinds::table::ColumnFacts> {
            self.columns.iter_mut().map(|column| &mut column.facts).chain(&mut self.system_columns).collect()
        }

        fn columns(&self) -> &[$crate::catalog::kinds::table::Column] {
            &self.columns
        }

        fn has_column(&self, name: &str) -> bool {
            self.columns.iter().any(|column| column.name == name)
        }
    };
}

pub(super) use {column_methods, relation_methods, type_methods};
