#include "tests/chaos/run.h"

#include <filesystem>
#include <fstream>
#include <iomanip>
#include <iterator>
#include <optional>
#include <thread>

#include "tests/chaos/client.h"
#include "tests/chaos/cluster.h"
#include "tests/chaos/recorder.h"
#include "tests/chaos/summary.h"
#include "tests/chaos/workload.h"
#include "tests/e2e/harness/eventually.h"

namespace rollcall::chaos {
namespace {

using e2e::Eventually;
using std::chrono::seconds;

constexpr seconds kWarmUp{2};
constexpr seconds kReadPatience{5};
// From when everything is whole until everything must answer.
constexpr seconds kWholeWithin{20};

class ChaosRun {
 public:
  ChaosRun(const Plan& plan, std::ostream& progress) : plan_(plan), progress_(progress) {}

  Findings Do() {
    if (!cluster_.good()) return {"the cluster did not start"};
    for (size_t i = 0; i < kServers; ++i) servers_.push_back(cluster_.ServerAddress(i));
    {
      Workload workload(servers_, plan_.seed, &recorder_);
      std::this_thread::sleep_for(kWarmUp);
      for (const Fault& each : plan_.faults) {
        Suffer(each);
        if (!AllRun()) break;
      }
      workload.StopWriters();
      LookAtTheEnd();
      const Time watched_until = recorder_.Now();
      workload.StopBeating();
      ExpectAlive(0, "after their heartbeats had ended");
      workload.Stop();
      Judge(watched_until);
    }
    return findings_;
  }

 private:
  void Suffer(const Fault& planned) {
    const Fault fault = Aimed(planned, &cluster_);
    const Time began = recorder_.Now();
    Break(&cluster_, fault);
    std::this_thread::sleep_for(fault.lasts);
    Heal(&cluster_, fault);
    const Time healed = recorder_.Now();
    recorder_.Add(Disturbance{Describe(fault), began, healed});
    std::this_thread::sleep_for(plan_.quiet);
    const LongestWaits waits = FindLongestWaits(recorder_.Copy(), began, recorder_.Now());
    progress_ << std::setw(3) << ++faults_ << "/" << plan_.faults.size() << " at "
              << std::chrono::duration_cast<seconds>(began).count() << " s: " << Describe(fault)
              << " for " << fault.lasts.count() << " ms; " << Text(waits) << std::endl;
  }

  // What nobody has killed must be there.
  bool AllRun() {
    bool all_run = true;
    for (size_t i = 0; i < kHosts; ++i) {
      if (cluster_.Running(i)) continue;
      recorder_.AddOddity(Cluster::Name(i) + " has ended by itself");
      all_run = false;
    }
    return all_run;
  }

  // Reads every key at every server, for the record: what was acknowledged must be there, and the
  // same everywhere, without being asked for a consistent answer too.
  void LookAtTheEnd() {
    ExpectAlive(kChecks, "while their heartbeats are accepted");
    Client client(servers_, kReadPatience, &recorder_);
    for (int server = 0; server < static_cast<int>(kServers); ++server) {
      for (int key = 0; key < kKeys; ++key) {
        std::optional<Read> consistent;
        const auto read = [&] {
          consistent = client.ReadKey(server, key, Consistency::kConsistent);
          return consistent.has_value();
        };
        if (!Eventually(read, kWholeWithin)) {
          findings_.push_back("at the end there was no consistent read of key " +
                              std::to_string(key) + " at " + NameOf(server));
          continue;
        }
        const std::optional<Read> plain = client.ReadKey(server, key, Consistency::kDefault);
        if (!plain || plain->value != consistent->value || plain->index != consistent->index) {
          findings_.push_back("at the end, key " + std::to_string(key) + " reads differently at " +
                              NameOf(server) + " when no consistent answer is asked for");
        }
      }
    }
  }

  void ExpectAlive(int number, const std::string& when) {
    Client client(servers_, kReadPatience, &recorder_);
    for (int server = 0; server < static_cast<int>(kServers); ++server) {
      std::optional<int> alive;
      const auto is_so = [&] {
        alive = client.CountAlive(server);
        return alive == number;
      };
      if (Eventually(is_so, kTtl + kWholeWithin)) continue;
      findings_.push_back(NameOf(server) + " shows " +
                          (alive ? std::to_string(*alive) : std::string("nothing")) +
                          " instead of " + std::to_string(number) + " checks as passing, " + when);
    }
  }

  void Judge(Time watched_until) {
    const History history = recorder_.Copy();
    const auto add = [&](Findings found) {
      findings_.insert(findings_.end(), std::make_move_iterator(found.begin()),
                       std::make_move_iterator(found.end()));
    };
    add(history.oddities);
    add(CheckLinearizable(history));
    add(CheckIndexes(history));
    add(CheckExpiry(history, plan_.bounds));
    add(CheckWatchers(history, plan_.bounds, watched_until));
    progress_ << Summary(history) << "Watchers were told within "
              << ToldWithin(history, watched_until) << " s of when that could be\n";
    if (plan_.keep_in.empty() || (findings_.empty() && !plan_.keep_always)) return;
    std::filesystem::create_directories(plan_.keep_in);
    std::ofstream(plan_.keep_in + "/history.jsonl") << ToJsonLines(history);
    cluster_.KeepLogs(plan_.keep_in);
    progress_ << "history and logs: " << plan_.keep_in << std::endl;
  }

  // The least number of seconds that would do as a bound.
  int ToldWithin(const History& history, Time watched_until) const {
    Bounds bounds = plan_.bounds;
    int within = 1;
    for (; seconds(within) < plan_.quiet; ++within) {
      bounds.told_within = seconds(within);
      if (CheckWatchers(history, bounds, watched_until).empty()) break;
    }
    return within;
  }

  static std::string NameOf(int server) {
    return Cluster::Name(kMembers + static_cast<size_t>(server));
  }

  const Plan& plan_;
  std::ostream& progress_;
  Cluster cluster_;
  Recorder recorder_;
  Addresses servers_;
  Findings findings_;
  size_t faults_ = 0;
};

}  // namespace

Findings Run(const Plan& plan, std::ostream& progress) {
  if (plan.quiet <= plan.bounds.told_within) return {"there is too little quiet in this plan"};
  progress << "seed " << plan.seed << std::endl;
  return ChaosRun(plan, progress).Do();
}

}  // namespace rollcall::chaos
