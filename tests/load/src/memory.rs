//! The memory that a process has.

use std::fs;

/// What a process has in memory, in bytes; none where this system does not say.
pub(crate) fn resident(process: u32) -> Option<u64> {
    read(&fs::read_to_string(format!("/proc/{process}/status")).ok()?)
}

/// Source: <https://man7.org/linux/man-pages/man5/proc_pid_status.5.html>
fn read(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::{read, resident};

    #[test]
    fn the_memory_is_read_from_what_linux_says() {
        let status =
            "Name:\tpresign-demo\nVmHWM:\t   99999 kB\nVmRSS:\t   12345 kB\nRssAnon:\t 1 kB\n";
        assert_eq!(read(status), Some(12345 * 1024));
        assert_eq!(read("Name:\tpresign-demo\n"), None);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn this_process_has_some() {
        assert!(resident(std::process::id()).unwrap() > 100_000);
        assert_eq!(resident(u32::MAX), None);
    }
}
