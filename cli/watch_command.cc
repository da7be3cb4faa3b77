#include "cli/watch_command.h"

#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <ctime>
#include <nlohmann/json.hpp>
#include <random>
#include <thread>

#include "cli/client_options.h"
#include "cli/console.h"
#include "cli/registry_client.h"
#include "cli/service_view.h"
#include "registry/base/go_duration.h"
#include "registry/base/printable.h"

namespace rollcall::cli {
namespace {

using std::chrono::milliseconds;

// A server keeps a query for at most the wait and a sixteenth; a minute notices a dead connection
// soon and costs next to nothing.
constexpr int kWaitSeconds = 60;
constexpr std::chrono::seconds kAnswerTimeout{kWaitSeconds + kWaitSeconds / 16 + 10};
constexpr milliseconds kFirstPause{250};
constexpr milliseconds kLongestPause{10'000};

constexpr const char* kWatchNotes = R"(
The first lines are the instances that are there now. After that, a line is:
  TIME + INSTANCE on NODE ADDRESS STATUS [TAGS]           it came
  TIME - INSTANCE on NODE ADDRESS                         it went
  TIME ~ INSTANCE on NODE ADDRESS BEFORE -> AFTER ...     its status, address or tags changed
With --json each change is an object of its own on a line:
  {"Time", "Event": "added|removed|status|address|tags", "Service", "Node", "ID", "Address",
   "Port", "Tags", "Status", "FailingChecks"}
When the server goes away it is asked again, after a pause of 0.25 s that grows to 10 s; stderr
says so. Ctrl-C ends the watch with exit code 0.

Examples:
  rollcall watch web
  rollcall watch web --json | while read -r change; do ./reload.sh; done
)";

struct WatchOptions {
  std::string service;
};

std::string Now() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[32];
  std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text;
}

std::string_view EventName(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::kAdded:
      return "added";
    case ChangeKind::kRemoved:
      return "removed";
    case ChangeKind::kStatus:
      return "status";
    case ChangeKind::kMoved:
      return "address";
    case ChangeKind::kRetagged:
      return "tags";
  }
  return "";
}

std::string JsonLine(const std::string& service, const Change& change) {
  const InstanceView& instance = change.instance;
  const nlohmann::ordered_json line{{"Time", Now()},
                                    {"Event", EventName(change.kind)},
                                    {"Service", service},
                                    {"Node", instance.node},
                                    {"ID", instance.id},
                                    {"Address", instance.address},
                                    {"Port", instance.port},
                                    {"Tags", instance.tags},
                                    {"Status", instance.status},
                                    {"FailingChecks", instance.failing}};
  return line.dump() + "\n";
}

std::string Bracketed(const std::vector<std::string>& tags) { return "[" + Join(tags, ",") + "]"; }

std::string Status(const std::string& status, bool colour) {
  return std::string(StatusColour(status, colour)) + status + std::string(PlainColour(colour));
}

std::string HumanLine(const Change& change, bool colour) {
  const InstanceView& now = change.instance;
  const InstanceView& before = change.before;
  std::string what = Printable(now.id + " on " + now.node + " " + now.Endpoint());
  switch (change.kind) {
    case ChangeKind::kAdded:
      what = "+ " + what + " " + Status(now.status, colour);
      if (!now.tags.empty()) what += Printable(" " + Bracketed(now.tags));
      break;
    case ChangeKind::kRemoved:
      what = "- " + what;
      break;
    case ChangeKind::kStatus:
      what =
          "~ " + what + " " + Status(before.status, colour) + " -> " + Status(now.status, colour);
      if (!now.failing.empty()) what += Printable(" (" + Join(now.failing, ", ") + ")");
      break;
    case ChangeKind::kMoved:
      what = "~ " + what + Printable(" was at " + before.Endpoint());
      break;
    case ChangeKind::kRetagged:
      what = "~ " + what + Printable(" " + Bracketed(before.tags) + " -> " + Bracketed(now.tags));
      break;
  }
  return Now() + " " + what + "\n";
}

// How long to wait before the next attempt: twice as long each time, up to a limit, and a random
// part of that, so that the watchers of a server that restarts do not come back all at once.
class Backoff {
 public:
  milliseconds Next() {
    std::uniform_int_distribution<milliseconds::rep> within(limit_.count() / 2, limit_.count());
    const milliseconds pause(within(random_));
    limit_ = std::min(limit_ * 2, kLongestPause);
    return pause;
  }
  void Reset() { limit_ = kFirstPause; }

 private:
  milliseconds limit_ = kFirstPause;
  std::minstd_rand random_{std::random_device()()};
};

class Watch {
 public:
  Watch(const Target& target, std::string service, bool json)
      : client_(target), service_(std::move(service)), json_(json), colour_(ColourWanted()) {
    client_.SetAnswerTimeout(kAnswerTimeout);
  }

  // Until nobody reads any more, or the server cannot be reached at first or refuses.
  int Run() {
    for (;;) {
      const Result<Response> response = Ask();
      if (!response && (!connected_ || response.error().code != ErrorCode::kUnavailable)) {
        return Fail(response.error());
      }
      if (!response) {
        PauseAfter(response.error());
        continue;
      }
      if (away_) Complain(client_.address().Url() + " is back");
      if (!connected_) NoteWhatIsLeftOut(client_.target(), *response);
      connected_ = true;
      away_ = false;
      backoff_.Reset();
      const Result<std::vector<InstanceView>> instances = ParseHealthService(response->body);
      if (!instances) return Fail(instances.error());
      if (!PrintChanges(*instances)) return kFailed;
      // An index that went backwards belongs to another history: begin anew. One that is missing
      // would make the next query return at once, for ever.
      if (response->index == 0) {
        return Fail(
            Corruption(client_.address().Url() + " sent no X-Consul-Index: it cannot be watched"));
      }
      index_ = response->index < index_ ? 0 : response->index;
    }
  }

 private:
  Result<Response> Ask() {
    Query query;
    // After an outage the first answer is asked for at once: what was missed, and that it is back.
    if (index_ != 0 && !away_) {
      query = {{"index", std::to_string(index_)}, {"wait", std::to_string(kWaitSeconds) + "s"}};
    }
    return client_.Get("/v1/health/service/" + EncodeSegment(service_), query);
  }

  bool PrintChanges(const std::vector<InstanceView>& instances) {
    for (const Change& change : Compare(instances_, instances)) {
      if (!Print(json_ ? JsonLine(service_, change) : HumanLine(change, colour_))) return false;
    }
    instances_ = instances;
    return true;
  }

  void PauseAfter(const Error& error) {
    const milliseconds pause = backoff_.Next();
    away_ = true;
    Complain(error.message + "; trying again in " + FormatGoDuration(pause));
    std::this_thread::sleep_for(pause);
  }

  RegistryClient client_;
  const std::string service_;
  const bool json_;
  const bool colour_;
  std::vector<InstanceView> instances_;
  uint64_t index_ = 0;
  bool connected_ = false;  // an answer came at least once
  bool away_ = false;       // the last attempt failed
  Backoff backoff_;
};

// A watch holds nothing that needs cleaning up, and each line is flushed when it is written.
void ExitOnSignal() {
  struct sigaction action {};
  action.sa_handler = [](int) { _exit(kOk); };
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

int Run(const ClientOptions& options, const WatchOptions& watch) {
  const Result<Target> target = TargetOf(options);
  if (!target) return Complain(target.error().message), kUsageError;
  ExitOnSignal();
  return Watch(*target, watch.service, options.json).Run();
}

}  // namespace

void AddWatchCommand(CLI::App& app, ClientOptions* options, int* exit_code) {
  CLI::App* command =
      app.add_subcommand("watch", "Print each change of a service's instances as it happens");
  auto watch = std::make_shared<WatchOptions>();
  command->footer(kWatchNotes);
  command->add_option("service", watch->service, "The service's name")
      ->required()
      ->type_name("SERVICE");
  AddTargetOptions(*command, options);
  AddJsonFlag(*command, options, "Print one JSON object per change");
  command->callback([=] { *exit_code = Run(*options, *watch); });
}

}  // namespace rollcall::cli
