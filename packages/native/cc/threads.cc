#include "threads.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>

#if defined(__x86_64__) || defined(_M_X64)
#include <immintrin.h>
#define LAYERWISE_PAUSE() _mm_pause()
#elif defined(__aarch64__)
#define LAYERWISE_PAUSE() __asm__ __volatile__("yield")
#else
#define LAYERWISE_PAUSE() ((void)0)
#endif

namespace layerwise {
namespace {

constexpr int maxThreads = 256;
/** Rounds of waiting awake, about a hundred microseconds: a training step calls kernel after kernel. */
constexpr int spinRounds = 2000;

/** Work in parts; `part` is called for each of them. */
struct Job {
  Part part;
  void* context;
  int64_t size;
  int64_t grain;
  int64_t parts;

  void run(int64_t i) const {
    const int64_t begin = i * grain;
    part(context, begin, std::min(begin + grain, size));
  }
};

/** A job where threads may read it that are late: what they read then is thrown away. */
class PostedJob {
 public:
  void post(const Job& job) {
    part_.store(job.part, std::memory_order_relaxed);
    context_.store(job.context, std::memory_order_relaxed);
    size_.store(job.size, std::memory_order_relaxed);
    grain_.store(job.grain, std::memory_order_relaxed);
    parts_.store(job.parts, std::memory_order_relaxed);
  }
  Job read() const {
    return {part_.load(std::memory_order_relaxed), context_.load(std::memory_order_relaxed),
            size_.load(std::memory_order_relaxed), grain_.load(std::memory_order_relaxed),
            parts_.load(std::memory_order_relaxed)};
  }

 private:
  std::atomic<Part> part_{nullptr};
  std::atomic<void*> context_{nullptr};
  std::atomic<int64_t> size_{0}, grain_{0}, parts_{0};
};

/**
 * Threads that take parts of one job at a time. A part is taken by counting up the ticket, which holds the job's number
 * and that of its next part: so a thread that comes late takes nothing, and nobody waits for one that has not come. On a
 * machine with other work to do it may take milliseconds until a thread runs.
 */
class Pool {
 public:
  /** Never destroyed: its threads end with the process, whatever order things are torn down in. */
  static Pool& instance() {
    static Pool* pool = new Pool();
    return *pool;
  }

  int count() const { return count_.load(std::memory_order_relaxed); }
  void setCount(int count) { count_.store(count < 1 ? 1 : count > maxThreads ? maxThreads : count); }

  void run(const Job& job) {
    const int64_t helpers = std::min<int64_t>(count(), job.parts) - 1;
    std::unique_lock<std::mutex> mine(busy_, std::defer_lock);
    if (helpers < 1 || job.parts > mostParts || inPart || !mine.try_lock()) {
      for (int64_t i = 0; i < job.parts; i++) job.run(i);
      return;
    }
    grow(static_cast<int>(helpers));
    job_.post(job);
    done_.store(0, std::memory_order_relaxed);
    wanted_.store(static_cast<int>(helpers), std::memory_order_relaxed);
    const uint64_t number = (numberOf(ticket_.load(std::memory_order_relaxed)) + 1) & partMask;  // starts over some day
    ticket_.store(number << partBits);
    if (sleeping_.load() > 0) {
      std::lock_guard<std::mutex> lock(wake_);  // whoever counts as asleep now hears it
      woken_.notify_all();
    }
    work(number);
    for (int spin = 0; done_.load(std::memory_order_acquire) < job.parts; spin++) {
      if (spin < spinRounds) LAYERWISE_PAUSE();
      else std::this_thread::yield();
    }
  }

 private:
  static constexpr int partBits = 32;
  static constexpr uint64_t partMask = 0xffffffff;
  static constexpr int64_t mostParts = int64_t{1} << 31;

  Pool() { setCount(static_cast<int>(std::thread::hardware_concurrency())); }

  static uint64_t numberOf(uint64_t ticket) { return ticket >> partBits; }

  void grow(int helpers) {
    try {
      for (; started_ < helpers; started_++) std::thread([this, index = started_] { serve(index); }).detach();
    } catch (const std::system_error&) {
      // the system gives no more threads: fewer do the same work
    }
  }

  void serve(int index) {
    uint64_t seen = 0;
    for (;;) {
      for (int spin = 0; spin < spinRounds && numberOf(ticket_.load()) == seen; spin++) LAYERWISE_PAUSE();
      if (numberOf(ticket_.load()) == seen) {
        std::unique_lock<std::mutex> lock(wake_);
        sleeping_++;
        woken_.wait(lock, [&] { return numberOf(ticket_.load()) != seen; });
        sleeping_--;
      }
      seen = numberOf(ticket_.load());
      if (index < wanted_.load(std::memory_order_relaxed)) work(seen);
    }
  }

  /** Takes parts of the job of this number until there are no more, or another job is under way. */
  void work(uint64_t number) {
    const bool outer = inPart;
    inPart = true;
    uint64_t ticket = ticket_.load(std::memory_order_acquire);
    while (numberOf(ticket) == number) {
      const Job job = job_.read();
      const int64_t part = static_cast<int64_t>(ticket & partMask);
      if (part >= job.parts) break;
      // if nobody counted on meanwhile, this part is not done, so the job that was read is this one still
      if (!ticket_.compare_exchange_weak(ticket, ticket + 1, std::memory_order_acq_rel)) continue;
      job.run(part);
      done_.fetch_add(1, std::memory_order_release);
      ticket = ticket_.load(std::memory_order_acquire);
    }
    inPart = outer;
  }

  /** A kernel called from within a part must not wait for the pool that it runs on. */
  static thread_local bool inPart;

  std::atomic<int> count_{1};
  std::mutex busy_;
  PostedJob job_;
  std::atomic<uint64_t> ticket_{0};
  std::atomic<int64_t> done_{0};
  std::atomic<int> wanted_{0};
  std::mutex wake_;
  std::condition_variable woken_;
  std::atomic<int> sleeping_{0};
  int started_ = 0;
};

thread_local bool Pool::inPart = false;

}  // namespace

int threadCount() { return Pool::instance().count(); }
void setThreadCount(int count) { Pool::instance().setCount(count); }

void runParallel(int64_t size, int64_t grain, Part part, void* context) {
  Pool::instance().run({part, context, size, grain, (size + grain - 1) / grain});
}

}  // namespace layerwise
