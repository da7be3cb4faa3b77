#include "agent/registry_sync.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

#include "registry/base/printable.h"
#include "registry/model/command_json.h"
#include "registry/model/json.h"

namespace rollcall::agent {
namespace {

using nlohmann::ordered_json;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kFirstRetryDelay{100};
constexpr milliseconds kMaxRetryDelay{2000};
constexpr milliseconds kMinRetryDelay{10};
// After something unexpected: how soon everything is compared, at the latest.
constexpr milliseconds kSoon{5000};
// Of a request; the registry takes twice as much.
constexpr size_t kMaxBatchBytes = 256 << 10;
// For each step of the last request, so that a stop is never long.
constexpr milliseconds kLeaveTimeout{1000};
// Reasons that are told of one time without the registry: a reason may have numbers in it.
constexpr size_t kMaxReasons = 16;
// HTTP's.
constexpr int kForbidden = 403;
constexpr int kConflict = 409;
// With 403, as Consul says it.
constexpr const char* kUnknownToken = "ACL not found";

ordered_json BodyOf(const model::Register& write) { return model::RegisterJson(write); }

ordered_json BodyOf(const model::Deregister& write) {
  ordered_json body = {{"Node", write.node}};
  if (!write.service_id.empty()) body["ServiceID"] = write.service_id;
  if (!write.check_id.empty()) body["CheckID"] = write.check_id;
  return body;
}

RegistryRequest RequestFor(const RegistryWrite& write, std::string token) {
  RegistryRequest request;
  request.token = std::move(token);
  request.method = http::Method::kPut;
  request.path = std::holds_alternative<model::Register>(write) ? "/v1/catalog/register"
                                                                : "/v1/catalog/deregister";
  request.body = model::Dump(std::visit([](const auto& w) { return BodyOf(w); }, write));
  return request;
}

struct Batch {
  RegistryRequest request;
  size_t size = 0;  // how many of the writes are in it
};

// As many of the writes, at least the first, as go into one request: those with the first one's
// token.
template <typename TokenFor>
Batch BatchOf(std::span<const RegistryWrite> writes, const TokenFor& token_for) {
  Batch batch{{http::Method::kPut, "/v1/catalog/batch", "[", token_for(writes.front())}, 0};
  for (const RegistryWrite& write : writes) {
    if (batch.size > 0 && token_for(write) != batch.request.token) break;
    const char* name = std::holds_alternative<model::Register>(write) ? "Register" : "Deregister";
    const ordered_json element = {
        {name, std::visit([](const auto& w) { return BodyOf(w); }, write)}};
    const std::string text = model::Dump(element);
    const bool is_full = batch.size == model::kMaxBatchCommands ||
                         batch.request.body.size() + text.size() > kMaxBatchBytes;
    if (batch.size > 0 && is_full) break;
    if (batch.size++ > 0) batch.request.body += ',';
    batch.request.body += text;
  }
  batch.request.body += ']';
  return batch;
}

// The service that it is about; empty: the node.
std::string ServiceOf(const model::Register& write) {
  if (write.instance) return write.instance->id.str();
  return write.checks.empty() ? std::string() : write.checks.front().service_id.str();
}

struct BatchAnswer {
  int status = 0;
  std::string text;
};

// Of each of so many writes. An answer to the whole is that of each.
std::vector<BatchAnswer> BatchAnswers(const RegistryAnswer& answer, size_t writes) {
  std::vector<BatchAnswer> all(writes, {answer.status, answer.body});
  if (answer.status != 200) return all;
  const auto list = nlohmann::json::parse(answer.body, nullptr, /*allow_exceptions=*/false);
  for (size_t i = 0; i < writes; ++i) {
    all[i] = {0, "its answer to a batch is not understood"};
    if (!list.is_array() || list.size() != writes || !list[i].is_object()) continue;
    const nlohmann::json status = list[i].value("Status", nlohmann::json());
    const nlohmann::json error = list[i].value("Error", nlohmann::json());
    if (status.is_number_integer() && error.is_string()) {
      all[i] = {status.get<int>(), error.get<std::string>()};
    }
  }
  return all;
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
      comparison_due_(steady_clock::now()),
      retry_due_(steady_clock::now() + options.waits_for_token),
      waits_for_token_(options.waits_for_token.count() > 0) {
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

void RegistrySync::Recheck() {
  auto mailbox = mailbox_.Lock();
  mailbox->has_news = mailbox->recheck = true;
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
  if (std::exchange(mailbox->recheck, false)) {
    comparison_due_ = steady_clock::now();
    if (std::exchange(waits_for_token_, false)) retry_due_ = steady_clock::now();
  }
  return !mailbox->departure.has_value();
}

RegistrySync::Duration RegistrySync::Fraction(Duration of, double at_least) const {
  const double part = at_least + (1 - at_least) * random_();
  return std::chrono::duration_cast<Duration>(of * part);
}

// What is in the way may become something else while the agent tries: away at first, then refusing.
void RegistrySync::WarnOnce(const std::string& reason) {
  if (reasons_told_.size() >= kMaxReasons || !reasons_told_.insert(reason).second) return;
  spdlog::warn("the registry cannot be used ({}); trying until it can", reason);
}

void RegistrySync::OnFailure(const Error& error) {
  if (mailbox_.Lock()->departure) return;  // interrupted on purpose
  const auto now = steady_clock::now();
  counters_.failures.Add();
  connected_ = false;
  WarnOnce(error.message);
  failures_ = std::min(failures_ + 1, 30);
  const milliseconds limit =
      std::min(kMaxRetryDelay, kFirstRetryDelay * (1 << std::min(failures_ - 1, 10)));
  retry_due_ = now + std::max<Duration>(Fraction(limit, 0), kMinRetryDelay);
  heartbeat_due_ = now;  // the first word to a registry that returns
  comparison_due_ = std::min(comparison_due_, now + Fraction(kSoon, 0));
}

void RegistrySync::OnSuccess() {
  failures_ = 0;
  reasons_told_.clear();
  if (!connected_.exchange(true) || known_server_ != client_.server()) {
    spdlog::info("connected to the registry at {}", client_.server());
    takes_batches_ = true;  // until it says otherwise
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
  ordered_json body;
  body["Node"] = desired_->node.name;
  body["CheckIDs"] = ordered_json::array({kNodeCheckId});
  Result<RegistryAnswer> answer =
      Send({http::Method::kPut, "/v1/catalog/heartbeat", model::Dump(body), OwnToken()});
  if (!answer) return answer.error();
  heartbeat_due_ = steady_clock::now() + Fraction(options_.node_ttl / 3, 0.75);
  counters_.heartbeats.Add();
  if (answer->status == 200) return {};
  if (answer->status == 429 || answer->status >= 500) {
    // It is overloaded or stopping, and has lost nothing: later, not everything again.
    return Unavailable(client_.server() + ": " + FirstLine(answer->body));
  }
  if (answer->status == kForbidden) {
    // It has lost nothing either.
    if (std::exchange(last_refusal_, answer->body) != answer->body) {
      spdlog::warn(
          "the registry refuses the heartbeat with 403: {}; the agent needs a token with "
          "node:write "
          "for its node (acl.tokens.agent)",
          FirstLine(answer->body));
    }
    return {};
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
  Result<RegistryAnswer> services =
      Send({http::Method::kGet, "/v1/catalog/node/" + node, "", OwnToken()});
  if (!services) return services.error();
  Result<RegistryAnswer> checks =
      Send({http::Method::kGet, "/v1/health/node/" + node, "", OwnToken()});
  if (!checks) return checks.error();
  for (const RegistryAnswer& each : {*services, *checks}) {
    if (each.status == kForbidden) {
      return Unavailable(client_.server() + " answers 403: " + FirstLine(each.body) +
                         "; look at acl.tokens of this agent");
    }
  }
  const milliseconds interval = ComparisonInterval(options_.comparison_interval, known_nodes_);
  comparison_due_ = steady_clock::now() + Fraction(interval, 0.75);
  learn_again_ = true;
  counters_.comparisons.Add();
  Result<void> compared = view_.Compare(*desired_, services->body, checks->body);
  if (!compared) return Unavailable(client_.server() + ": " + compared.error().message);
  has_refused_ = false;
  return {};
}

Result<void> RegistrySync::SendWrites() {
  has_news_ = false;
  const uint64_t refusals = counters_.refusals.value();
  // The node may have to come first, and then what is on it.
  for (int round = 0; round < 2 && counters_.refusals.value() == refusals; ++round) {
    const std::vector<RegistryWrite> writes = view_.Plan(*desired_, &held_);
    if (writes.empty()) break;
    std::span<const RegistryWrite> left = writes;
    while (!left.empty()) {
      const Result<size_t> sent =
          left.size() > 1 && takes_batches_ ? SendBatch(left) : SendOne(left.front());
      if (!sent) {
        has_news_ = true;
        return sent.error();
      }
      left = left.subspan(*sent);
    }
  }
  held_.ReleasePassed();
  if (!has_refused_) TellSynced();
  return {};
}

Result<size_t> RegistrySync::SendOne(const RegistryWrite& write) {
  const Result<RegistryAnswer> answer = Send(RequestFor(write, TokenFor(write)));
  if (!answer) return answer.error();
  OnAnswer(write, answer->status, answer->body);
  return size_t{1};
}

Result<size_t> RegistrySync::SendBatch(std::span<const RegistryWrite> writes) {
  const Batch batch =
      BatchOf(writes, [this](const RegistryWrite& write) { return TokenFor(write); });
  const Result<RegistryAnswer> answer = Send(batch.request);
  if (!answer) return answer.error();
  if (answer->status == 404 || answer->status == 405) {
    takes_batches_ = false;
    spdlog::info("{} takes no batches: it is older than this agent; sending one by one",
                 client_.server());
    return size_t{0};
  }
  const std::vector<BatchAnswer> answers = BatchAnswers(*answer, batch.size);
  for (size_t i = 0; i < batch.size; ++i) {
    // It is overloaded or stopping: what was not taken is sent again.
    if (answers[i].status >= 500) {
      return Unavailable(client_.server() + ": " + FirstLine(answers[i].text));
    }
    OnAnswer(writes[i], answers[i].status, answers[i].text);
  }
  return batch.size;
}

void RegistrySync::OnAnswer(const RegistryWrite& write, int status, const std::string& text) {
  const auto* registered = std::get_if<model::Register>(&write);
  const bool is_of_node = registered != nullptr && !registered->skip_node_update;
  if (is_of_node) node_is_anothers_ = status == kConflict;
  if (status == 200) {
    view_.Confirm(write, *desired_);
    if (const auto* gone = std::get_if<model::Deregister>(&write)) ForgetTokenOf(*gone);
    counters_.writes.Add();
    Release(write);
    // The registration of the node's check has just renewed it.
    if (is_of_node) {
      heartbeat_due_ = steady_clock::now() + Fraction(options_.node_ttl / 3, 0.75);
      spdlog::info("registered node {} ({})", desired_->node.name.view(),
                   desired_->node.address.view());
    }
    return;
  }
  has_refused_ = true;
  counters_.refusals.Add();
  const std::string refusal = FirstLine(text);
  if (std::exchange(last_refusal_, refusal) != refusal) {
    spdlog::warn("the registry refuses a change with {}: {}{}", status, refusal,
                 status == kForbidden
                     ? "; look at the token of the service, or at acl.tokens of this agent"
                     : "");
  }
  view_.Refuse(write, *desired_);
  // It may hold less than we think: look soon, and try again then.
  comparison_due_ = std::min(comparison_due_, steady_clock::now() + Fraction(kSoon, 0.2));
}

std::string RegistrySync::OwnToken() const {
  return options_.tokens == nullptr ? "" : options_.tokens->Own().ForAgent();
}

// As Consul's agents do: a service and its checks with the service's token, else with the one for
// whoever has none; what is the node's, and what is taken away, with the agent's.
std::string RegistrySync::TokenFor(const RegistryWrite& write) const {
  if (options_.tokens == nullptr) return "";
  using Of = AgentTokens::Of;
  const auto or_own = [](const std::string& found, const std::string& own) {
    return found.empty() ? own : found;
  };
  const Tokens own = options_.tokens->Own();
  if (const auto* gone = std::get_if<model::Deregister>(&write)) {
    const Of of = gone->service_id.empty() ? Of::kCheck : Of::kService;
    const std::string& id = gone->service_id.empty() ? gone->check_id : gone->service_id;
    return or_own(options_.tokens->Find(of, id).token, own.ForAgent());
  }
  const auto& registered = std::get<model::Register>(write);
  const std::string service = ServiceOf(registered);
  if (!service.empty()) {
    std::string token = options_.tokens->Find(Of::kService, service).token;
    if (token.empty() && !registered.instance && registered.checks.size() == 1) {
      token = options_.tokens->Find(Of::kCheck, registered.checks.front().check_id).token;
    }
    return or_own(std::move(token), own.ForDefinitions());
  }
  if (registered.skip_node_update && registered.checks.size() == 1) {
    const std::string_view id = registered.checks.front().check_id;
    return or_own(options_.tokens->Find(Of::kCheck, id).token, own.ForAgent());
  }
  return own.ForAgent();
}

void RegistrySync::ForgetTokenOf(const model::Deregister& gone) {
  if (options_.tokens == nullptr) return;
  const bool is_service = !gone.service_id.empty();
  const auto of = is_service ? AgentTokens::Of::kService : AgentTokens::Of::kCheck;
  const std::string& id = is_service ? gone.service_id : gone.check_id;
  const AgentTokens::Found found = options_.tokens->Find(of, id);
  // One that has been registered anew meanwhile keeps its token.
  const auto newest = mailbox_.Lock()->desired;
  const bool is_back = is_service ? newest->instances.contains(id) : newest->checks.contains(id);
  if (!is_back) options_.tokens->Forget(of, id, found.stamp);
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
  Result<RegistryAnswer> answer = client_.Send(request);
  const bool is_unknown = answer && answer->status == kForbidden && !request.token.empty() &&
                          FirstLine(answer->body) == kUnknownToken;
  if (is_unknown && options_.on_unknown_token) options_.on_unknown_token(request.token);
  return answer;
}

void RegistrySync::LearnAboutServer() {
  const bool is_another = known_server_ != client_.server();
  if (!is_another && !learn_again_) return;
  const Result<RegistryAnswer> answer =
      Send({http::Method::kGet, "/v1/agent/self", "", OwnToken()});
  if (!answer) return;  // asked again after the next success
  learn_again_ = false;
  known_server_ = client_.server();
  if (answer->status == kForbidden) {
    if (is_another) {
      spdlog::warn(
          "{} answers /v1/agent/self with 403: {}; until this agent's token has agent:read there, "
          "its datacenter and DNS port are not known: --server-dns says where its DNS is",
          known_server_, FirstLine(answer->body));
    }
    return;
  }
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
  view_.SetNodeIsRegistrys(node_is_servers_own_);
  if (node_is_servers_own_) {
    spdlog::warn("the registry's own node is named {} too; give this agent another --node",
                 desired_->node.name.view());
    has_news_ = true;
  }
  if (on_server_) on_server_(info);
}

void RegistrySync::Deregister() {
  if (node_is_anothers_ && !node_is_servers_own_) {
    return spdlog::info("nothing to deregister: another host has the name {}",
                        desired_->node.name.view());
  }
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
    const Result<RegistryAnswer> answer = Send(RequestFor(write, TokenFor(write)));
    if (!answer || answer->status != 200) {
      spdlog::warn("could not deregister ({}); the registry notices within the node's TTL",
                   answer ? FirstLine(answer->body) : answer.error().message);
      return;
    }
  }
  spdlog::info("deregistered node {}", desired_->node.name.view());
}

}  // namespace rollcall::agent
