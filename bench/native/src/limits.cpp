// The peer limit: what the machine can do at all, measured in the same run as everything that is compared
// with it. Rows of results.csv: dot (8-bit products summed in 32 bits; gops), fma (F32; gops), read
// (bandwidth at each level of the memory; gops is gigabytes a second), for each number of threads. Sizes of
// caches come from --caches or the C library, and are written first, in a line that starts with #.
#include "loops.h"
#include "memory.h"
#include "timing.h"

#include <unistd.h>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <thread>

namespace {

constexpr const char *usage =
    "usage: limits [--threads 1,2] [--caches L1,L2,L3] [--pages] [--quick]\n"
    "  --threads  numbers of threads, at once and each on its own data (default 1)\n"
    "  --caches   bytes of data cache (default: as the operating system says)\n"
    "  --pages    every instruction, and reads with software prefetch and from small pages too\n"
    "  --quick    shorter\n";

std::vector<long> numbers(const char *list) {
  std::vector<long> values;
  for (char *end; *list; list = *end == ',' ? end + 1 : end) {
    values.push_back(std::strtol(list, &end, 10));
    if (end == list || values.back() < 1) {
      return {};
    }
  }
  return values;
}

// The least time in seconds in which all threads, started at once, have called run(thread).
double time_threads(long threads, double milliseconds, const std::function<void(long)> &run) {
  if (threads == 1) {
    return bench::least_time([&] { run(0); }, milliseconds);
  }
  std::atomic<long> round{0}, done{0};
  std::vector<std::thread> helpers;
  for (long t = 1; t < threads; t++) {
    helpers.emplace_back([&, t] {
      for (long mine = 1;; mine++) {
        long now;
        while ((now = round.load(std::memory_order_acquire)) < mine && now >= 0) {
          std::this_thread::yield();
        }
        if (now < 0) {
          return;
        }
        run(t);
        done.fetch_add(1, std::memory_order_release);
      }
    });
  }
  double time = bench::least_time(
      [&] {
        done.store(0, std::memory_order_relaxed);
        round.fetch_add(1, std::memory_order_release);
        run(0);
        while (done.load(std::memory_order_acquire) < threads - 1) {
          std::this_thread::yield();
        }
      },
      milliseconds);
  round.store(-1, std::memory_order_release);
  for (std::thread &helper : helpers) {
    helper.join();
  }
  return time;
}

void row(const char *op, const char *shape, const char *form, long threads, double time, double work) {
  std::printf("limit,%s,%s,%s,%ld,%.3f,%.2f\n", op, shape, form, threads, time * 1e6, work / time * 1e-9);
  std::fflush(stdout);
}

// The fastest of each kind, or every loop.
std::vector<bench::ArithmeticLoop> loops(bool every) {
  std::vector<bench::ArithmeticLoop> chosen =
      every ? bench::arithmetic_loops() : std::vector<bench::ArithmeticLoop>();
  for (const char *op : {"dot", "fma"}) {
    auto best = bench::best_loop(op);
    if (best && !every) {
      chosen.push_back(*best);
    }
  }
  return chosen;
}

void arithmetic(long threads, double milliseconds, bool every) {
  for (const bench::ArithmeticLoop &loop : loops(every)) {
    constexpr long turns = 200'000;
    double time = time_threads(threads, milliseconds, [&](long) { loop.run(turns); });
    row(loop.op, loop.name, loop.form, threads, time, static_cast<double>(turns * threads) * loop.operations);
  }
}

// How to read: the name stands behind that of the level.
struct Reading {
  const char *name;
  bench::ReadLoop loop;
  bool huge;
};

std::vector<Reading> readings(bool pages) {
  std::vector<Reading> all{{"", bench::read_loop(), true}};
  if (pages && bench::prefetching_read_loop()) {
    all.push_back({"-prefetch", bench::prefetching_read_loop(), true});
    all.push_back({"-small-pages", bench::read_loop(), false});
    all.push_back({"-small-pages-prefetch", bench::prefetching_read_loop(), false});
  }
  return all;
}

void read_level(const char *level, long threads, double milliseconds, size_t bytes, const Reading &reading) {
  // A private cache is read several times a turn: starting the threads must not count.
  long turns = std::max(1L, (4L << 20) / static_cast<long>(bytes));
  std::vector<char *> buffers;
  for (long t = 0; t < threads; t++) {
    buffers.push_back(reading.huge ? bench::huge_memory(bytes) : bench::small_memory(bytes));
  }
  double time = time_threads(threads, milliseconds, [&](long t) {
    for (long i = 0; i < turns; i++) {
      reading.loop(buffers[static_cast<size_t>(t)], buffers[static_cast<size_t>(t)] + bytes);
    }
  });
  row("read", (std::string(level) + reading.name).c_str(), "u8", threads, time,
      static_cast<double>(turns * threads) * static_cast<double>(bytes));
  for (char *buffer : buffers) {
    if (reading.huge) {
      bench::free_huge_memory(buffer);
    } else {
      bench::free_small_memory(buffer, bytes);
    }
  }
}

// Half of a private cache, a quarter of the last one, which is shared with whoever else is there, divided
// among the threads; for the memory eight times the last cache, at least 256 MB.
void reading(long threads, double milliseconds, const std::vector<long> &caches, bool pages) {
  if (!bench::read_loop()) {
    return;
  }
  struct Level {
    const char *name;
    long bytes;
  };
  long last = caches.back();
  std::vector<Level> levels{{"L1", caches[0] / 2}, {"L2", caches[1] / 2}};
  if (caches.size() > 2) {
    levels.push_back({"L3", last / 4 / threads});
  }
  levels.push_back({"DRAM", std::max(256L << 20, 8 * last) / threads});
  for (const Level &level : levels) {
    size_t bytes = static_cast<size_t>(level.bytes) / bench::read_step * bench::read_step;
    for (const Reading &each : readings(pages)) {
      read_level(level.name, threads, milliseconds, bytes, each);
    }
  }
}

// Where a virtual machine hides which cores share a cache, the C library has nothing but the sum of all L3
// caches of the socket (508 MB on one with 16 of them): more than this is not believed.
constexpr long one_l3 = 32L << 20;

std::vector<long> system_caches() {
  std::vector<long> caches;
  for (int name : {_SC_LEVEL1_DCACHE_SIZE, _SC_LEVEL2_CACHE_SIZE, _SC_LEVEL3_CACHE_SIZE}) {
    long bytes = sysconf(name);
    if (bytes > 0) {
      caches.push_back(name == _SC_LEVEL3_CACHE_SIZE ? std::min(bytes, one_l3) : bytes);
    }
  }
  return caches;
}

}  // namespace

int main(int count, char **words) {
  std::vector<long> threads{1}, caches;
  double milliseconds = 300;
  bool pages = false;
  for (int i = 1; i < count; i++) {
    std::vector<long> *list = !std::strcmp(words[i], "--threads")  ? &threads
                              : !std::strcmp(words[i], "--caches") ? &caches
                                                                   : nullptr;
    bool good = true;
    if (list && i + 1 < count) {
      *list = numbers(words[++i]);
      good = !list->empty();
    } else if (!std::strcmp(words[i], "--quick")) {
      milliseconds = 30;
    } else if (!std::strcmp(words[i], "--pages")) {
      pages = true;
    } else {
      good = false;
    }
    if (!good) {
      std::fputs(usage, stderr);
      return 2;
    }
  }
  if (caches.empty()) {
    caches = system_caches();
  }
  if (caches.size() < 2) {
    std::fputs("limits: the operating system does not tell the sizes of the caches; give --caches\n", stderr);
    return 2;
  }
  std::printf("# caches: ");
  for (size_t i = 0; i < caches.size(); i++) {
    std::printf("%s%ld", i ? "," : "", caches[i]);
  }
  std::printf("\n");
  for (long t : threads) {
    arithmetic(t, milliseconds, pages);
    reading(t, milliseconds, caches, pages);
  }
  return 0;
}
