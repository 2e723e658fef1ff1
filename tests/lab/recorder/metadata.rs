//! How many metadata operations a second the cluster does.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

/// Creates and removes empty files in `threads` threads for some seconds; prints operations a second.
pub fn run(dir: &Path, seconds: u64, threads: usize) -> io::Result<()> {
    fs::create_dir(dir)?;
    let begin = Instant::now();
    let workers: Vec<_> = (0..threads)
        .map(|number| {
            let dir = dir.join(number.to_string());
            thread::spawn(move || -> io::Result<u64> {
                fs::create_dir(&dir)?;
                let mut done = 0;
                while begin.elapsed() < Duration::from_secs(seconds) {
                    let path = dir.join((done / 2).to_string());
                    drop(File::create(&path)?);
                    fs::remove_file(&path)?;
                    done += 2;
                }
                Ok(done)
            })
        })
        .collect();
    let mut total = 0;
    for worker in workers {
        total += worker.join().unwrap_or_else(|_| Err(io::Error::other("a thread ended")))?;
    }
    println!("operations={total}\nper_second={:.1}", total as f64 / begin.elapsed().as_secs_f64());
    Ok(())
}
