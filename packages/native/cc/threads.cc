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

/** What all threads work on: parts are taken from `nextPart` until none is left. */
struct Job {
  Part part;
  void* context;
  int64_t size;
  int64_t grain;
  int64_t parts;
};

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
    if (helpers < 1 || inPart || !mine.try_lock()) {
      for (int64_t i = 0; i < job.parts; i++) runPart(job, i);
      return;
    }
    grow(static_cast<int>(helpers));
    job_ = job;
    nextPart_.store(0, std::memory_order_relaxed);
    const int working = std::min<int>(static_cast<int>(helpers), started_);
    pending_.store(working, std::memory_order_relaxed);
    {
      std::lock_guard<std::mutex> lock(wake_);
      wanted_ = working;
      round_.fetch_add(1, std::memory_order_release);
    }
    if (sleeping_.load() > 0) woken_.notify_all();
    work();
    for (int spin = 0; pending_.load(std::memory_order_acquire) > 0; spin++) {
      if (spin < 20 * spinRounds) LAYERWISE_PAUSE();
      else std::this_thread::yield();
    }
  }

 private:
  Pool() { setCount(static_cast<int>(std::thread::hardware_concurrency())); }

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
      for (int spin = 0; spin < spinRounds && round_.load(std::memory_order_acquire) == seen; spin++) LAYERWISE_PAUSE();
      int wanted;
      {
        std::unique_lock<std::mutex> lock(wake_);
        sleeping_++;
        woken_.wait(lock, [&] { return round_.load(std::memory_order_relaxed) != seen; });
        sleeping_--;
        seen = round_.load(std::memory_order_relaxed);
        wanted = wanted_;
      }
      if (index >= wanted) continue;
      work();
      pending_.fetch_sub(1, std::memory_order_release);
    }
  }

  void work() {
    const Job job = job_;
    for (;;) {
      const int64_t i = nextPart_.fetch_add(1, std::memory_order_relaxed);
      if (i >= job.parts) return;
      runPart(job, i);
    }
  }

  static void runPart(const Job& job, int64_t i) {
    const bool outer = inPart;
    inPart = true;
    const int64_t begin = i * job.grain;
    job.part(job.context, begin, std::min(begin + job.grain, job.size));
    inPart = outer;
  }

  /** A kernel called from within a part must not wait for the pool that it runs on. */
  static thread_local bool inPart;

  std::atomic<int> count_{1};
  std::mutex busy_;
  Job job_{};
  std::atomic<int64_t> nextPart_{0};
  std::atomic<int> pending_{0};
  std::mutex wake_;
  std::condition_variable woken_;
  std::atomic<int> sleeping_{0};
  std::atomic<uint64_t> round_{0};
  int wanted_ = 0;
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
