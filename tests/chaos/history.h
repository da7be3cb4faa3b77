// What the clients of a cluster did and saw while it was being hurt, as plain values: what the
// checker goes through. Times are those of the run, by one steady clock.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace rollcall::chaos {

// Since the run began.
using Time = std::chrono::microseconds;

// What a key holds: the number that its last write carried (each has one of its own), or nothing.
using Value = int64_t;
constexpr Value kAbsent = 0;

enum class Outcome {
  kDone,     // acknowledged
  kNotDone,  // refused in words that say that it was not made
  kUnknown,  // no answer, or one that says that it may have been made
};

// A registration, or with kAbsent a deregistration, of the instance of one key.
struct Write {
  int key = 0;
  Value value = kAbsent;
  int server = 0;
  Time began{};
  Time ended{};
  Outcome outcome = Outcome::kDone;
};

enum class Consistency { kConsistent, kDefault };

// An answer about one key.
struct Read {
  int key = 0;
  Value value = kAbsent;
  Consistency consistency = Consistency::kConsistent;
  int server = 0;
  Time began{};
  Time ended{};
  uint64_t index = 0;         // X-Consul-Index
  uint64_t modify_index = 0;  // of the instance; 0 when it is absent
};

// What a watcher (each has one key) was answered by a blocking query.
struct View {
  int watcher = 0;
  Read read;
  uint64_t asked = 0;  // the index that it had brought along
};

// A heartbeat, and whether a server has accepted it.
struct Beat {
  int check = 0;
  int server = 0;
  bool is_accepted = true;
  Time began{};
  Time ended{};
};

// An answer in which a check was critical.
struct Critical {
  int check = 0;
  int server = 0;
  Time began{};
  Time ended{};
};

// Something was broken from `began`, and was whole again at `ended`.
struct Disturbance {
  std::string what;
  Time began{};
  Time ended{};
};

struct History {
  std::vector<Write> writes;
  std::vector<Read> reads;
  std::vector<View> views;
  std::vector<Beat> beats;
  std::vector<Critical> criticals;
  std::vector<Disturbance> disturbances;
  // What must not be in any history, in words: a server that exited by itself, an answer that
  // nobody can make sense of.
  std::vector<std::string> oddities;
  size_t failed_reads = 0;
};

// All of it, a JSON object a line.
std::string ToJsonLines(const History& history);

}  // namespace rollcall::chaos
