//! Partitions of the outbox: which process takes up what was left of which aggregates.

/// How many there are. Stores keep the number of a delivery's partition, so neither this nor the hash changes.
pub const PARTITIONS: i16 = 16;

/// The partition of an aggregate's deliveries: FNV-1a of 64 bits over its id, modulo their number.
pub fn partition_of(subject: &str) -> i16 {
    let hash = subject.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    // The low four bits.
    (hash & 0xf) as i16
}

/// A set of partitions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Partitions(u16);

impl Partitions {
    /// Every partition.
    pub const ALL: Self = Self(u16::MAX);

    /// Whether a partition is one of them.
    pub fn contains(self, partition: i16) -> bool {
        (0..PARTITIONS).contains(&partition) && self.0 & (1 << partition) != 0
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Their numbers, the smallest first.
    pub fn iter(self) -> impl Iterator<Item = i16> {
        (0..PARTITIONS).filter(move |partition| self.contains(*partition))
    }
}

impl FromIterator<i16> for Partitions {
    fn from_iter<T: IntoIterator<Item = i16>>(partitions: T) -> Self {
        let known = partitions.into_iter().filter(|partition| (0..PARTITIONS).contains(partition));
        Self(known.fold(0, |set, partition| set | 1 << partition))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_partition_of_an_id_never_changes() {
        for (subject, partition) in [("", 5), ("a", 12), ("ord_01J000000000000000000000AB", 11)] {
            assert_eq!(partition_of(subject), partition, "{subject}");
        }
    }

    #[test]
    fn ids_spread_over_all_partitions() {
        let ids: Vec<_> = (0..16_000).map(|number| format!("ord_01J{number:023}")).collect();
        for partition in 0..PARTITIONS {
            let count = ids.iter().filter(|id| partition_of(id) == partition).count();
            assert!((700..1_300).contains(&count), "{partition}: {count}");
        }
    }

    #[test]
    fn a_set_has_what_was_put_in() {
        let odd: Partitions = [1, 3, 15, 16, -1].into_iter().collect();
        assert_eq!(odd.iter().collect::<Vec<_>>(), [1, 3, 15]);
        assert!(!odd.contains(16) && !odd.contains(-1) && !odd.contains(0));
        assert!(Partitions::default().is_empty());
        assert_eq!(Partitions::ALL.iter().count(), 16);
    }
}
