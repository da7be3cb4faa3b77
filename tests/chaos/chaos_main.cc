// The long run: goes on through every kind of fault at every host until the time is over.
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <random>
#include <string>

#include "tests/chaos/faults.h"
#include "tests/chaos/run.h"

namespace rollcall::chaos {
namespace {

// Round after round, each in another order, for that long: those whose description holds `only`.
std::vector<Fault> FaultsFor(std::chrono::milliseconds time, const Plan& plan,
                             const std::string& only) {
  std::vector<Fault> faults;
  std::chrono::milliseconds planned{0};
  for (uint64_t round = 0;; ++round) {
    for (const Fault& each : EveryFault(plan.seed + round)) {
      if (Describe(each).find(only) == std::string::npos) continue;
      planned += each.lasts + plan.quiet;
      if (planned > time && !faults.empty()) return faults;
      faults.push_back(each);
    }
    if (faults.empty()) return faults;
  }
}

int Main(int argc, char** argv) {
  CLI::App app(
      "Hurts a cluster of three servers and three members of etcd in every way, and checks "
      "what its clients see.");
  double minutes = 10;
  uint64_t seed = std::random_device()();
  std::string only;
  Plan plan;
  plan.keep_in = "chaos-failure";
  app.add_option("--minutes", minutes, "how long")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--seed", seed, "decides what is done, in which order, for how long");
  app.add_option("--only", only, "only faults whose line has this text");
  app.add_option("--keep-in", plan.keep_in, "where the history goes when something is found")
      ->capture_default_str();
  app.add_flag("--keep", plan.keep_always, "keeps it in any case");
  CLI11_PARSE(app, argc, argv);
  plan.seed = seed;
  plan.faults =
      FaultsFor(std::chrono::milliseconds(static_cast<int64_t>(minutes * 60'000)), plan, only);
  if (plan.faults.empty()) {
    std::cerr << "chaos: no fault has \"" << only << "\" in its line\n";
    return 2;
  }
  const Findings findings = Run(plan, std::cout);
  for (const std::string& each : findings) std::cout << "FOUND: " << each << "\n";
  std::cout << (findings.empty() ? "nothing was found" : "that must not be") << " (seed " << seed
            << ")" << std::endl;
  return findings.empty() ? 0 : 1;
}

}  // namespace
}  // namespace rollcall::chaos

int main(int argc, char** argv) { return rollcall::chaos::Main(argc, argv); }
