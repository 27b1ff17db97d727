//! In what people do all day, the store always knows whose rows it is asked about: a store that is spread over
//! machines by tenant asks one of them.

use std::collections::BTreeSet;

use sarai_postgres::access::DIRECTORIES;

use crate::flow::steps;

#[tokio::test]
async fn every_call_names_its_tenant_but_for_the_directories() {
    let steps = steps().await;
    let without = steps.iter().flat_map(|step| &step.calls).filter(|call| !call.names_a_tenant());
    let found: BTreeSet<_> = without.map(|call| call.name.as_str()).collect();
    let expected: BTreeSet<_> = DIRECTORIES.iter().map(|(name, _)| *name).collect();
    assert_eq!(found, expected);
}
