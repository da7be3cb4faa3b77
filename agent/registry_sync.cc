#include "agent/registry_sync.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

#include "registry/model/json.h"

namespace rollcall::agent {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kFirstRetryDelay{100};
constexpr milliseconds kMaxRetryDelay{2000};
constexpr milliseconds kMinRetryDelay{10};
// After something unexpected: how soon everything is compared, at the latest.
constexpr milliseconds kSoon{5000};
// For each step of the last request, so that a stop is never long.
constexpr milliseconds kLeaveTimeout{1000};

RegistryRequest RequestFor(const RegistryWrite& write) {
  RegistryRequest request;
  request.method = HttpMethod::kPut;
  if (const auto* registered = std::get_if<model::Register>(&write)) {
    request.path = "/v1/catalog/register";
    request.body = model::Dump(model::RegisterJson(*registered));
    return request;
  }
  const auto& removed = std::get<model::Deregister>(write);
  nlohmann::ordered_json body = {{"Node", removed.node}};
  if (!removed.service_id.empty()) body["ServiceID"] = removed.service_id;
  if (!removed.check_id.empty()) body["CheckID"] = removed.check_id;
  request.path = "/v1/catalog/deregister";
  request.body = model::Dump(body);
  return request;
}

// How many nodes a server says in its /v1/agent/self that there are; 0: it does not.
size_t NodesOf(const nlohmann::json& self) {
  static const nlohmann::json::json_pointer kMembers("/Stats/serf_lan/members");
  if (!self.is_object() || !self.contains(kMembers)) return 0;
  const nlohmann::json& members = self.at(kMembers);
  size_t nodes = 0;
  if (members.is_string()) {
    const auto& text = members.get_ref<const std::string&>();
    std::from_chars(text.data(), text.data() + text.size(), nodes);
  }
  return nodes;
}

// One line of an answer's text, for the log.
std::string FirstLine(const std::string& text) {
  return text.substr(0, std::min<size_t>(text.find('\n'), 300));
}

}  // namespace

milliseconds ComparisonInterval(milliseconds base, size_t nodes) {
  constexpr size_t kFew = 128;
  const size_t doublings = nodes <= kFew ? 0 : std::bit_width((nodes - 1) / kFew);
  return base * static_cast<int>(1 + doublings);
}

RegistrySync::RegistrySync(const Options& options, std::shared_ptr<const DesiredState> desired,
                           Random random, OnServer on_server, OnSynced on_synced)
    : options_(options),
      random_(std::move(random)),
      on_server_(std::move(on_server)),
      on_synced_(std::move(on_synced)),
      client_(options.client),
      view_(options.own),
      held_(clock_, options.check_update_interval, random_),
      desired_(desired),
      heartbeat_due_(steady_clock::now()),
      comparison_due_(steady_clock::now()) {
  mailbox_.Lock()->desired = std::move(desired);
  thread_ = std::thread([this] { Run(); });
}

RegistrySync::~RegistrySync() { Stop(Departure::kStay); }

void RegistrySync::Publish(std::shared_ptr<const DesiredState> desired) {
  auto mailbox = mailbox_.Lock();
  mailbox->desired = std::move(desired);
  mailbox->has_news = true;
  news_.notify_one();
}

void RegistrySync::Stop(Departure departure) {
  if (!thread_.joinable()) return;
  {
    auto mailbox = mailbox_.Lock();
    // Before the thread can see the departure: its last request must not be interrupted.
    client_.Interrupt();
    mailbox->departure = departure;
    news_.notify_one();
  }
  thread_.join();
}

void RegistrySync::Run() {
  while (WaitForWork(NextWakeUp())) {
    if (steady_clock::now() < retry_due_) continue;  // news must not hammer a registry in trouble
    if (Result<void> done = DoWhatIsDue(); !done) {
      OnFailure(done.error());
    } else {
      OnSuccess();
    }
  }
  if (*mailbox_.Lock()->departure == Departure::kDeregister) Deregister();
}

RegistrySync::TimePoint RegistrySync::NextWakeUp() const {
  if (has_news_) return retry_due_;
  return std::max(retry_due_, std::min({heartbeat_due_, comparison_due_, held_.Next()}));
}

bool RegistrySync::WaitForWork(TimePoint wake_up) {
  auto mailbox = mailbox_.Lock();
  news_.wait_until(mailbox.lock(), wake_up,
                   [&] { return mailbox->departure.has_value() || mailbox->has_news; });
  desired_ = mailbox->desired;
  has_news_ = std::exchange(mailbox->has_news, false) || has_news_;
  return !mailbox->departure.has_value();
}

RegistrySync::Duration RegistrySync::Fraction(Duration of, double at_least) const {
  const double part = at_least + (1 - at_least) * random_();
  return std::chrono::duration_cast<Duration>(of * part);
}

void RegistrySync::OnFailure(const Error& error) {
  if (mailbox_.Lock()->departure) return;  // interrupted on purpose
  const auto now = steady_clock::now();
  counters_.failures.Add();
  if (connected_.exchange(false) || failures_ == 0) {
    spdlog::warn("the registry cannot be reached ({}); trying until it can", error.message);
  }
  failures_ = std::min(failures_ + 1, 30);
  const milliseconds limit =
      std::min(kMaxRetryDelay, kFirstRetryDelay * (1 << std::min(failures_ - 1, 10)));
  retry_due_ = now + std::max<Duration>(Fraction(limit, 0), kMinRetryDelay);
  heartbeat_due_ = now;  // the first word to a registry that returns
  comparison_due_ = std::min(comparison_due_, now + Fraction(kSoon, 0));
}

void RegistrySync::OnSuccess() {
  failures_ = 0;
  if (!connected_.exchange(true) || known_server_ != client_.server()) {
    spdlog::info("connected to the registry at {}", client_.server());
  }
  LearnAboutServer();
}

Result<void> RegistrySync::DoWhatIsDue() {
  const auto now = steady_clock::now();
  if (view_.knows_node() && now >= heartbeat_due_) {
    if (Result<void> done = Heartbeat(); !done) return done;
  }
  if (steady_clock::now() >= comparison_due_) {
    if (Result<void> done = CompareAll(); !done) return done;
  }
  if (Result<void> done = SendWrites(); !done) return done;
  // A lease that CompareAll has just found may be about to run out, or have run out.
  if (view_.knows_node() && steady_clock::now() >= heartbeat_due_) return Heartbeat();
  if (!view_.knows_node()) heartbeat_due_ = now + Fraction(options_.node_ttl / 3, 0.75);
  return {};
}

Result<void> RegistrySync::Heartbeat() {
  nlohmann::ordered_json body;
  body["Node"] = desired_->node.name;
  body["CheckIDs"] = nlohmann::ordered_json::array({kNodeCheckId});
  Result<RegistryAnswer> answer =
      Send({HttpMethod::kPut, "/v1/catalog/heartbeat", model::Dump(body)});
  if (!answer) return answer.error();
  heartbeat_due_ = steady_clock::now() + Fraction(options_.node_ttl / 3, 0.75);
  counters_.heartbeats.Add();
  if (answer->status == 200) return {};
  if (answer->status == 429 || answer->status >= 500) {
    // It is overloaded or stopping, and has lost nothing: later, not everything again.
    return Unavailable(client_.server() + ": " + FirstLine(answer->body));
  }
  spdlog::warn("the registry has lost this node ({}); registering everything again",
               FirstLine(answer->body));
  view_.Forget();
  comparison_due_ = steady_clock::now();
  has_news_ = true;
  return {};
}

Result<void> RegistrySync::CompareAll() {
  const std::string node = EscapePathSegment(desired_->node.name.str());
  Result<RegistryAnswer> services = Send({HttpMethod::kGet, "/v1/catalog/node/" + node, ""});
  if (!services) return services.error();
  Result<RegistryAnswer> checks = Send({HttpMethod::kGet, "/v1/health/node/" + node, ""});
  if (!checks) return checks.error();
  const milliseconds interval = ComparisonInterval(options_.comparison_interval, known_nodes_);
  comparison_due_ = steady_clock::now() + Fraction(interval, 0.75);
  learn_again_ = true;
  counters_.comparisons.Add();
  Result<void> compared = view_.Compare(*desired_, services->body, checks->body);
  if (!compared) return Unavailable(client_.server() + ": " + compared.error().message);
  return {};
}

Result<void> RegistrySync::SendWrites() {
  has_news_ = false;
  bool all_taken = true;
  for (const RegistryWrite& write : view_.Plan(*desired_, &held_)) {
    Result<RegistryAnswer> answer = Send(RequestFor(write));
    if (!answer) {
      has_news_ = true;
      return answer.error();
    }
    if (answer->status == 200) {
      view_.Confirm(write, *desired_);
      counters_.writes.Add();
      Release(write);
      // The registration of the node's check has just renewed it.
      const auto* registered = std::get_if<model::Register>(&write);
      if (registered != nullptr && !registered->skip_node_update) {
        heartbeat_due_ = steady_clock::now() + Fraction(options_.node_ttl / 3, 0.75);
        spdlog::info("registered node {} ({})", desired_->node.name.view(),
                     desired_->node.address.view());
      }
      continue;
    }
    all_taken = false;
    counters_.refusals.Add();
    const std::string refusal = FirstLine(answer->body);
    if (std::exchange(last_refusal_, refusal) != refusal) {
      spdlog::warn("the registry refuses a change with {}: {}", answer->status, refusal);
    }
    view_.Refuse(write, *desired_);
    // It may hold less than we think: look soon, and try again then.
    comparison_due_ = std::min(comparison_due_, steady_clock::now() + Fraction(kSoon, 0.2));
  }
  held_.ReleasePassed();
  if (all_taken) TellSynced();
  return {};
}

void RegistrySync::TellSynced() {
  if (!on_synced_ || synced_ == desired_) return;
  synced_ = desired_;
  on_synced_(desired_);
}

void RegistrySync::Release(const RegistryWrite& write) {
  const auto* registered = std::get_if<model::Register>(&write);
  if (registered == nullptr) return;
  for (const model::Check& check : registered->checks) held_.Release(check.check_id);
}

Result<RegistryAnswer> RegistrySync::Send(const RegistryRequest& request) {
  return client_.Send(request);
}

void RegistrySync::LearnAboutServer() {
  const bool is_another = known_server_ != client_.server();
  if (!is_another && !learn_again_) return;
  const Result<RegistryAnswer> answer = Send({HttpMethod::kGet, "/v1/agent/self", ""});
  if (!answer) return;  // asked again after the next success
  learn_again_ = false;
  known_server_ = client_.server();
  ServerInfo info;
  info.url = known_server_;
  const auto self = nlohmann::json::parse(answer->body, nullptr, /*allow_exceptions=*/false);
  try {
    info.datacenter = self.at("Config").at("Datacenter").get<std::string>();
    info.node = self.at("Config").at("NodeName").get<std::string>();
    if (self.contains("DebugConfig")) info.dns_port = self["DebugConfig"].value("DNSPort", 0);
  } catch (const nlohmann::json::exception&) {
    spdlog::warn("{} does not say who it is in /v1/agent/self", known_server_);
  }
  known_nodes_ = NodesOf(self);
  if (!is_another) return;
  node_is_servers_own_ = EqualsIgnoreCase(info.node, desired_->node.name);
  if (node_is_servers_own_) {
    spdlog::warn("the registry's own node is named {} too; give this agent another --node",
                 desired_->node.name.view());
  }
  if (on_server_) on_server_(info);
}

void RegistrySync::Deregister() {
  client_.Hurry(kLeaveTimeout);
  std::vector<RegistryWrite> writes;
  if (node_is_servers_own_) {
    // The server would go with its node: take what is ours and no more.
    for (const auto& [id, instance] : desired_->instances) {
      writes.emplace_back(model::Deregister{desired_->node.name.str(), id, ""});
    }
  } else {
    writes.emplace_back(model::Deregister{desired_->node.name.str(), "", ""});
  }
  for (const RegistryWrite& write : writes) {
    const Result<RegistryAnswer> answer = Send(RequestFor(write));
    if (!answer || answer->status != 200) {
      spdlog::warn("could not deregister ({}); the registry notices within the node's TTL",
                   answer ? FirstLine(answer->body) : answer.error().message);
      return;
    }
  }
  spdlog::info("deregistered node {}", desired_->node.name.view());
}

}  // namespace rollcall::agent
