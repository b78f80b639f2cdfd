//! The threads that kernels share: one pool, made at the first use, entered and left in about a microsecond.
//!
//! A decode step runs hundreds of kernels of some ten microseconds each, so a worker that has finished spins for a
//! short while before it sleeps, and the caller, who works too, never waits for a worker that has not yet woken: a
//! worker *enters* a job, and the caller closes the job once no task is left and waits for those inside only. A call
//! from within a task, or while another thread holds the pool, runs its tasks one after the other where it is.
//!
//! Each thread begins with a share of its own, the same stretch of tasks in each job, since what one job writes the next
//! one reads: it is then in the cache of the core that wants it. Who has finished helps the others. Which thread runs a
//! task is therefore open; kernels cut their work so that the cut cannot change the result.

use std::any::Any;
use std::cell::{Cell, UnsafeCell};
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering, fence};
use std::sync::{Condvar, LazyLock, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use crate::array::setting;

/// How long an idle worker looks for work before it sleeps. To wake it costs some fifty microseconds, more than most
/// kernels of a decode step take, and gaps of some hundred are common there: the caller builds the next graph. Nobody
/// would notice so short a time at its end. (Giving way to others meanwhile, `yield_now`, makes each entry slow.)
const SPIN: Duration = Duration::from_micros(1000);

/// More threads than this are never made, whoever asks for them.
const MAX_THREADS: usize = 256;

/// A job is a pointer to the caller's closure, the number of its tasks, and the number of threads that share them.
#[derive(Clone, Copy)]
struct Job {
    f: *const (dyn Fn(usize) + Sync),
    tasks: usize,
    threads: usize,
}

impl Job {
    /// The first task of a thread's share; its end is the next one's first.
    fn first(&self, thread: usize) -> usize {
        let more = thread.min(self.tasks % self.threads);
        self.tasks / self.threads * thread + more
    }
}

/// Bits of [`Pool::state`]: the low ones count the workers inside the job, then a bit that says that the job may be
/// entered, then the number of the job.
const INSIDE: u64 = (1 << 16) - 1;
const OPEN: u64 = 1 << 16;
const NEXT_JOB: u64 = 1 << 17;

/// A counter on a cache line of its own.
#[repr(align(64))]
struct Share(AtomicUsize);

struct Pool {
    /// See [`INSIDE`], [`OPEN`], [`NEXT_JOB`].
    state: AtomicU64,
    /// For each thread, the first task of its share that nobody has taken yet.
    shares: [Share; MAX_THREADS],
    /// Read by those inside the job only; written by the holder of `held` while nobody is.
    job: UnsafeCell<Option<Job>>,
    /// True while some thread runs a job.
    held: AtomicBool,
    sleepers: AtomicUsize,
    sleep: Mutex<()>,
    wake: Condvar,
    /// How many workers have been started.
    workers: Mutex<usize>,
    panic: Mutex<Option<Box<dyn Any + Send>>>,
}

// SAFETY: `job` is the only part that is not already shared safely. It is written by the one thread that holds
// `held`, while `state` is closed and counts nobody inside; it is read after entering, which `state` orders after
// the write.
unsafe impl Sync for Pool {}

static POOL: Pool = Pool {
    state: AtomicU64::new(0),
    shares: [const { Share(AtomicUsize::new(0)) }; MAX_THREADS],
    job: UnsafeCell::new(None),
    held: AtomicBool::new(false),
    sleepers: AtomicUsize::new(0),
    sleep: Mutex::new(()),
    wake: Condvar::new(),
    workers: Mutex::new(0),
    panic: Mutex::new(None),
};

/// The number of threads that [`run`] uses; 0 until someone asks.
static THREADS: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// True while this thread runs a task.
    static IN_TASK: Cell<bool> = const { Cell::new(false) };
}

/// The number of threads that [`run`] uses, the caller's included: `PZ_THREADS`, or as many as the process may use
/// of the machine's cores (a core counts once, however many hardware threads it has).
#[inline]
pub(crate) fn threads() -> usize {
    match THREADS.load(Ordering::Relaxed) {
        0 => first_asked(),
        n => n,
    }
}

/// Makes [`run`] use `n` threads, at least 1. No result depends on it.
pub(crate) fn set_threads(n: usize) {
    THREADS.store(n.clamp(1, MAX_THREADS), Ordering::Relaxed);
}

#[cold]
fn first_asked() -> usize {
    // Asked once, however many threads ask at the same time, so that a bad value is told once.
    static ASKED: LazyLock<usize> = LazyLock::new(|| {
        let accepted = format!("a number from 1 to {MAX_THREADS}");
        let parse = |text: &str| text.parse().ok().filter(|n| (1..=MAX_THREADS).contains(n));
        setting::read("PZ_THREADS", &accepted, parse, || {
            let usable = std::thread::available_parallelism().map_or(1, usize::from);
            let n = cores().map_or(usable, |cores| usable.min(cores)).clamp(1, MAX_THREADS);
            (n, format!("using {n} thread{}", if n == 1 { "" } else { "s" }))
        })
    });
    let n = *ASKED;
    // Who called `set_threads` meanwhile has the last word.
    match THREADS.compare_exchange(0, n, Ordering::Relaxed, Ordering::Relaxed) {
        Ok(_) => n,
        Err(set) => set,
    }
}

/// The number of physical cores, where the system says so.
fn cores() -> Option<usize> {
    let mut siblings: Vec<String> = (0..4096)
        .map_while(|cpu| {
            let path = format!("/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list");
            std::fs::read_to_string(path).ok()
        })
        .collect();
    siblings.sort();
    siblings.dedup();
    (!siblings.is_empty()).then_some(siblings.len())
}

/// A panic in a task is carried to the caller and leaves nothing half-done behind a lock, so poison means nothing.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// Runs `f(i)` once for every `i` in `0..tasks`, on the pool and on the caller, and returns when all are done.
///
/// With one task or one thread, or within a task, they run one after the other on the caller. A panic in a task
/// reaches the caller after the others have ended.
pub(crate) fn run(tasks: usize, f: &(dyn Fn(usize) + Sync)) {
    let threads = threads();
    let alone = tasks <= 1 || threads <= 1 || IN_TASK.get();
    if alone || POOL.held.swap(true, Ordering::Acquire) {
        (0..tasks).for_each(f);
        return;
    }
    POOL.start(threads - 1);
    POOL.share(Job { f: erase(f), tasks, threads });
    let panic = lock(&POOL.panic).take();
    POOL.held.store(false, Ordering::Release);
    if let Some(panic) = panic {
        resume_unwind(panic);
    }
}

/// Forgets how long the closure lives. [`Pool::share`] does not return before the last use.
fn erase<'a>(f: &'a (dyn Fn(usize) + Sync + 'a)) -> *const (dyn Fn(usize) + Sync) {
    let f: *const (dyn Fn(usize) + Sync + 'a) = f;
    // SAFETY: the two types differ only in a lifetime, and the pointer is used only while `'a` lasts.
    unsafe { std::mem::transmute(f) }
}

impl Pool {
    /// Sees to it that `wanted` workers have been started. If the system refuses one, those that are there do.
    fn start(&'static self, wanted: usize) {
        let mut started = lock(&self.workers);
        while *started < wanted {
            let index = *started;
            let worker = std::thread::Builder::new().name(format!("pz-{index}"));
            if worker.spawn(move || self.work(index)).is_err() {
                break;
            }
            *started += 1;
        }
    }

    /// Publishes the job, works on it, closes it, and waits for the workers inside. The caller holds `held`.
    fn share(&self, job: Job) {
        // SAFETY: we hold `held`, and the last holder left `state` closed with nobody inside.
        unsafe { *self.job.get() = Some(job) };
        for thread in 0..job.threads {
            self.shares[thread].0.store(job.first(thread), Ordering::Relaxed);
        }
        let number = self.state.load(Ordering::Relaxed) & !(NEXT_JOB - 1);
        self.state.store(number.wrapping_add(NEXT_JOB) | OPEN, Ordering::Release);

        // Either we see the sleeper here, or it sees the open job before it sleeps.
        fence(Ordering::SeqCst);
        let sleepers = self.sleepers.load(Ordering::Relaxed);
        if sleepers > 0 {
            drop(lock(&self.sleep));
            if job.tasks > sleepers {
                self.wake.notify_all();
            } else {
                (1..job.tasks).for_each(|_| self.wake.notify_one());
            }
        }

        self.drain(job, 0);
        self.state.fetch_and(!OPEN, Ordering::AcqRel);
        let mut looks = 0_u32;
        while self.state.load(Ordering::Acquire) & INSIDE != 0 {
            looks += 1;
            if looks < 2000 { std::hint::spin_loop() } else { std::thread::yield_now() }
        }
    }

    /// Takes tasks and runs them until none is left: those of the thread's own share, then the others'.
    fn drain(&self, job: Job, thread: usize) {
        IN_TASK.set(true);
        for share in (thread..job.threads).chain(0..thread.min(job.threads)) {
            let end = job.first(share + 1);
            loop {
                let task = self.shares[share].0.fetch_add(1, Ordering::Relaxed);
                if task >= end {
                    break;
                }
                // SAFETY: the caller of `run` keeps the closure alive until everyone has left the job.
                let f = unsafe { &*job.f };
                if let Err(panic) = catch_unwind(AssertUnwindSafe(|| f(task))) {
                    lock(&self.panic).get_or_insert(panic);
                    self.shares[..job.threads]
                        .iter()
                        .for_each(|share| share.0.store(job.tasks, Ordering::Relaxed));
                }
            }
        }
        IN_TASK.set(false);
    }

    /// The life of worker `index`.
    fn work(&self, index: usize) {
        let mut last = 0;
        loop {
            let number = self.wait(last, index);
            let state = self.state.load(Ordering::Relaxed);
            let open = state & !(OPEN - 1) == number | OPEN;
            if open {
                let entered =
                    self.state.compare_exchange(state, state + 1, Ordering::Acquire, Ordering::Relaxed);
                if entered.is_err() {
                    continue;
                }
                // SAFETY: we are inside: the job is published, and stays until we leave.
                let job = unsafe { *self.job.get() };
                if let Some(job) = job {
                    self.drain(job, index + 1);
                }
                self.state.fetch_sub(1, Ordering::Release);
            }
            last = number;
        }
    }

    /// Waits until there is an open job other than `last` and this worker may take part; gives its number.
    fn wait(&self, last: u64, index: usize) -> u64 {
        let open = || {
            let state = self.state.load(Ordering::Relaxed);
            let number = state & !(NEXT_JOB - 1);
            (state & OPEN != 0 && number != last && index + 1 < threads()).then_some(number)
        };
        let began = Instant::now();
        loop {
            for _ in 0..64 {
                if let Some(number) = open() {
                    return number;
                }
                std::hint::spin_loop();
            }
            if began.elapsed() > SPIN {
                break;
            }
        }
        let mut guard = lock(&self.sleep);
        self.sleepers.fetch_add(1, Ordering::Relaxed);
        let number = loop {
            fence(Ordering::SeqCst);
            if let Some(number) = open() {
                break number;
            }
            guard = self.wake.wait(guard).unwrap_or_else(|poisoned| poisoned.into_inner());
        };
        self.sleepers.fetch_sub(1, Ordering::Relaxed);
        number
    }
}

/// An output that tasks write to, each its own part.
pub(crate) struct Shards<'a, T> {
    start: *mut T,
    len: usize,
    borrow: PhantomData<&'a mut [T]>,
}

// SAFETY: who takes a part promises that nobody else has it, so sharing `Shards` is sending the parts.
unsafe impl<T: Send> Sync for Shards<'_, T> {}

impl<'a, T> Shards<'a, T> {
    /// Wraps the output. Nobody else can reach it while the wrapper lives.
    pub(crate) fn new(out: &'a mut [T]) -> Shards<'a, T> {
        Shards { start: out.as_mut_ptr(), len: out.len(), borrow: PhantomData }
    }

    /// The part from `start` on, of `len` elements.
    ///
    /// # Safety
    /// While the part is in use, no other part that overlaps it is.
    #[inline]
    #[expect(clippy::mut_from_ref, reason = "the parts are disjoint by the caller's promise")]
    pub(crate) unsafe fn part(&self, start: usize, len: usize) -> &mut [T] {
        assert!(start <= self.len && len <= self.len - start, "part {start}+{len} of {}", self.len);
        // SAFETY: within the borrowed slice, as just checked, and nobody else's, as the caller promises.
        unsafe { std::slice::from_raw_parts_mut(self.start.add(start), len) }
    }

    /// Where element `index` lies, for parts that are not contiguous. What is written through it must be the task's
    /// own, as with [`Shards::part`].
    #[inline]
    pub(crate) fn pointer(&self, index: usize) -> *mut T {
        assert!(index < self.len, "element {index} of {}", self.len);
        // SAFETY: within the borrowed slice, as just checked.
        unsafe { self.start.add(index) }
    }
}

/// Cuts `out` into chunks of `chunk` elements (the last may be shorter) and runs `f(i, the i-th chunk)` for each.
pub(crate) fn run_chunks<T: Send>(out: &mut [T], chunk: usize, f: &(dyn Fn(usize, &mut [T]) + Sync)) {
    let chunk = chunk.max(1);
    let len = out.len();
    let shards = Shards::new(out);
    run(len.div_ceil(chunk), &|i| {
        let start = i * chunk;
        // SAFETY: the chunks of different tasks do not overlap, and each task runs once.
        f(i, unsafe { shards.part(start, chunk.min(len - start)) });
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicU32;

    #[test]
    fn each_task_runs_once() {
        set_threads(4);
        for tasks in [0, 1, 2, 3, 7, 64, 1000] {
            for _ in 0..50 {
                let counts: Vec<AtomicU32> = (0..tasks).map(|_| AtomicU32::new(0)).collect();
                run(tasks, &|i| {
                    counts[i].fetch_add(1, Ordering::Relaxed);
                });
                assert!(counts.iter().all(|count| count.load(Ordering::Relaxed) == 1));
            }
        }
    }

    #[test]
    fn sleeping_workers_wake() {
        set_threads(4);
        for _ in 0..5 {
            std::thread::sleep(4 * SPIN);
            let mut out = vec![0; 1000];
            run_chunks(&mut out, 1, &|i, part| {
                std::thread::yield_now();
                part[0] = i;
            });
            assert!(out.iter().enumerate().all(|(i, v)| i == *v));
        }
    }

    #[test]
    fn chunks_cover_the_output_and_the_last_is_shorter() {
        set_threads(3);
        let mut out = vec![0_usize; 103];
        run_chunks(&mut out, 10, &|i, part| {
            assert_eq!(part.len(), if i == 10 { 3 } else { 10 });
            part.fill(i + 1);
        });
        assert!(out.iter().enumerate().all(|(at, v)| *v == at / 10 + 1));
        run_chunks(&mut out[..0], 0, &|_, _| unreachable!("an empty output has no chunks"));
    }

    #[test]
    fn a_panic_reaches_the_caller_and_the_pool_lives_on() {
        set_threads(4);
        for _ in 0..20 {
            let caught = catch_unwind(|| run(100, &|i| assert!(i != 37, "task {i}")));
            let text = caught.expect_err("task 37 panics");
            assert_eq!(text.downcast_ref::<String>().map(String::as_str), Some("task 37"));
            let sum = AtomicUsize::new(0);
            run(100, &|i| {
                sum.fetch_add(i, Ordering::Relaxed);
            });
            assert_eq!(sum.into_inner(), 4950);
        }
    }

    #[test]
    fn calls_within_a_task_and_from_several_threads_do_all_their_tasks() {
        set_threads(4);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        let sum = AtomicUsize::new(0);
                        run(10, &|i| {
                            run(10, &|j| {
                                sum.fetch_add(10 * i + j, Ordering::Relaxed);
                            });
                        });
                        assert_eq!(sum.into_inner(), 4950);
                    }
                });
            }
        });
    }
}
