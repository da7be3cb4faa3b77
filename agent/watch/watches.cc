#include "agent/watch/watches.h"

#include <algorithm>
#include <string>
#include <utility>

namespace rollcall::watch {
namespace {

// As Consul's handlers are told.
constexpr const char* kIndexHeader = "X-Consul-Index";
constexpr const char* kIndexVariable = "CONSUL_INDEX";

// The POST of the news: what the definition says wins over what we add.
model::CheckRun PostOf(const WatchDefinition& watch, const News& news) {
  model::CheckRun run = watch.handler;
  run.body = *news.json;
  std::vector<std::pair<Text, TextList>> header(run.header.begin(), run.header.end());
  const std::pair<const char*, std::string> added[] = {{"Content-Type", "application/json"},
                                                       {kIndexHeader, std::to_string(news.index)}};
  for (const auto& [name, value] : added) {
    if (model::FindInMap(run.header, name) != nullptr) continue;
    header.emplace_back(name, TextList{std::vector<std::string>{value}});
  }
  run.header = model::MapOf(std::move(header));
  return run;
}

}  // namespace

Watches::Watches(const front::KeptRead::Tools& tools, const Watcher::Times& times)
    : tools_(tools), times_(times) {}

Watches::~Watches() { Replace({}); }

void Watches::Replace(const std::vector<WatchDefinition>& definitions) {
  std::vector<std::shared_ptr<Watcher>> old = std::exchange(watchers_, {});
  for (const WatchDefinition& definition : definitions) {
    const auto same = std::find_if(old.begin(), old.end(), [&definition](const auto& watcher) {
      return watcher != nullptr && watcher->definition() == definition;
    });
    if (same != old.end()) {
      watchers_.push_back(std::exchange(*same, nullptr));
      continue;
    }
    watchers_.push_back(std::make_shared<Watcher>(
        tools_, definition,
        [this](const WatchDefinition& watch, const News& news) { return MakeHandler(watch, news); },
        times_));
    watchers_.back()->Start();
  }
  for (const auto& watcher : old) {
    if (watcher) watcher->Stop();
  }
}

void Watches::OnOtherToken() {
  const auto all = watchers_;
  for (const auto& watcher : all) watcher->OnOtherToken();
}

std::shared_ptr<probe::Probe> Watches::MakeHandler(const WatchDefinition& watch, const News& news) {
  if (watch.handler.kind == model::CheckKind::kHttp) {
    return probe::MakeHttpProbe(tools_.loop, PostOf(watch, news), tls_);
  }
  return probe::MakeScriptProbe(
      tools_.loop, watch.handler,
      {.input = news.json,
       .environment = {std::string(kIndexVariable) + "=" + std::to_string(news.index)}});
}

}  // namespace rollcall::watch
