#include "tests/chaos/history.h"

#include <nlohmann/json.hpp>

namespace rollcall::chaos {
namespace {

using Json = nlohmann::ordered_json;

const char* Name(Outcome outcome) {
  switch (outcome) {
    case Outcome::kDone:
      return "done";
    case Outcome::kNotDone:
      return "not done";
    case Outcome::kUnknown:
      return "unknown";
  }
  return "";
}

Json ToJson(const char* what, const Read& read) {
  return {{"what", what},
          {"key", read.key},
          {"value", read.value},
          {"server", read.server},
          {"began", read.began.count()},
          {"ended", read.ended.count()},
          {"index", read.index},
          {"modify_index", read.modify_index}};
}

}  // namespace

std::string ToJsonLines(const History& history) {
  std::string text;
  const auto add = [&text](const Json& line) { text += line.dump() + "\n"; };
  for (const std::string& each : history.oddities) add({{"what", "oddity"}, {"text", each}});
  for (const Disturbance& each : history.disturbances) {
    add({{"what", "disturbance"},
         {"text", each.what},
         {"began", each.began.count()},
         {"ended", each.ended.count()}});
  }
  for (const Write& each : history.writes) {
    add({{"what", "write"},
         {"key", each.key},
         {"value", each.value},
         {"server", each.server},
         {"began", each.began.count()},
         {"ended", each.ended.count()},
         {"outcome", Name(each.outcome)}});
  }
  for (const Read& each : history.reads) {
    add(ToJson(each.consistency == Consistency::kConsistent ? "consistent" : "read", each));
  }
  for (const View& each : history.views) {
    Json line = ToJson("view", each.read);
    line["watcher"] = each.watcher;
    line["asked"] = each.asked;
    add(line);
  }
  for (const Beat& each : history.beats) {
    add({{"what", each.is_accepted ? "beat" : "refused beat"},
         {"check", each.check},
         {"server", each.server},
         {"began", each.began.count()},
         {"ended", each.ended.count()}});
  }
  for (const Critical& each : history.criticals) {
    add({{"what", "critical"},
         {"check", each.check},
         {"server", each.server},
         {"began", each.began.count()},
         {"ended", each.ended.count()}});
  }
  return text;
}

}  // namespace rollcall::chaos
