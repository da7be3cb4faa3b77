#include "agent/watch/remote_aliases.h"

#include <spdlog/spdlog.h>

#include <boost/asio/post.hpp>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "agent/alias.h"
#include "agent/uri_escape.h"

namespace rollcall::watch {

// What catalog/node says of a node.
struct NodeContent {
  bool exists = false;
  agent::IdSet instances;
};

namespace {

using nlohmann::json;

std::string TextOf(const json& object, const char* field) {
  const auto found = object.find(field);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// What health/node says. Nothing when it is not what that endpoint answers.
std::optional<std::vector<std::shared_ptr<const model::Check>>> ChecksIn(std::string_view body) {
  const json list = json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (!list.is_array()) return std::nullopt;
  std::vector<std::shared_ptr<const model::Check>> checks;
  for (const json& each : list) {
    if (!each.is_object()) return std::nullopt;
    auto check = std::make_shared<model::Check>();
    check->check_id = TextOf(each, "CheckID");
    check->name = TextOf(each, "Name");
    check->output = TextOf(each, "Output");
    check->service_id = TextOf(each, "ServiceID");
    if (!model::ParseCheckStatus(TextOf(each, "Status"), &check->status)) return std::nullopt;
    checks.push_back(std::move(check));
  }
  return checks;
}

// Null where there is no such node. Nothing when it is not what catalog/node answers.
std::optional<NodeContent> ContentIn(std::string_view body) {
  const json node = json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (node.is_null()) return NodeContent();
  if (!node.is_object() || !node.contains("Services") || !node["Services"].is_object()) {
    return std::nullopt;
  }
  NodeContent content;
  content.exists = true;
  for (const auto& [id, service] : node["Services"].items()) content.instances.insert(id);
  return content;
}

}  // namespace

// What is followed of one node, and the checks that stand for it.
class RemoteAliases::Node : public std::enable_shared_from_this<Node> {
 public:
  Node(const front::KeptRead::Tools& tools, std::string name, const OnVerdict& on_verdict)
      : loop_(tools.loop), name_(std::move(name)), on_verdict_(on_verdict) {
    const std::string escaped = agent::EscapePathSegment(name_);
    const auto follow = [&](const std::string& path, void (Node::*on_answer)()) {
      front::KeptRead::Listener listener;
      listener.on_kept = [this, on_answer] { (this->*on_answer)(); };
      listener.on_failure = [](const Error&) {};
      // As if none answered; it tries on.
      listener.on_other = [this, told = false](const front::UpstreamReply& reply) mutable {
        if (std::exchange(told, true)) return;
        spdlog::warn("alias checks of node {}: {} answers with status {}; trying on", name_,
                     reply.server, reply.status);
      };
      return std::make_shared<front::KeptRead>(
          tools, front::UpstreamRequest{.target = path + escaped}, std::move(listener));
    };
    content_read_ = follow("/v1/catalog/node/", &Node::OnContent);
    checks_read_ = follow("/v1/health/node/", &Node::OnChecks);
    content_read_->Refresh();
    checks_read_->Refresh();
  }

  void OnOtherToken() {
    content_read_->AskAnew();
    checks_read_->AskAnew();
  }

  void Stop() {
    content_read_->Stop();
    checks_read_->Stop();
    services_.clear();
  }

  void Add(const std::string& check_id, const std::string& service) {
    services_[check_id] = service;
    boost::asio::post(loop_, [self = weak_from_this(), check_id] {
      if (const auto node = self.lock()) node->Judge(check_id);
    });
  }

  // Whether there are others.
  bool Remove(const std::string& check_id) {
    services_.erase(check_id);
    return !services_.empty();
  }

 private:
  void OnContent() {
    content_ = ContentIn(content_read_->answer()->body->bytes());
    JudgeAll();
  }

  void OnChecks() {
    checks_ = ChecksIn(checks_read_->answer()->body->bytes());
    JudgeAll();
  }

  void JudgeAll() {
    const auto self = shared_from_this();
    const std::map<std::string, std::string> all = services_;  // a verdict may change them
    for (const auto& [check_id, service] : all) Judge(check_id);
  }

  void Judge(const std::string& check_id) {
    const auto found = services_.find(check_id);
    if (found == services_.end() || !content_ || !checks_) return;
    if (!content_->exists) {
      return on_verdict_(check_id, model::CheckStatus::kCritical,
                         "Node " + name_ + " could not be found");
    }
    const std::string& service = found->second;
    const agent::AliasVerdict verdict =
        agent::JudgeAlias(service, content_->instances.contains(service), name_, *checks_);
    on_verdict_(check_id, verdict.status, verdict.output);
  }

  boost::asio::io_context& loop_;
  const std::string name_;
  const OnVerdict& on_verdict_;
  std::shared_ptr<front::KeptRead> content_read_;
  std::shared_ptr<front::KeptRead> checks_read_;
  std::optional<NodeContent> content_;
  std::optional<std::vector<std::shared_ptr<const model::Check>>> checks_;
  std::map<std::string, std::string> services_;  // by check
};

RemoteAliases::RemoteAliases(const front::KeptRead::Tools& tools, OnVerdict on_verdict)
    : tools_(tools), on_verdict_(std::move(on_verdict)) {}

RemoteAliases::~RemoteAliases() {
  for (const auto& [name, node] : nodes_) node->Stop();
}

void RemoteAliases::Ensure(const std::string& check_id, const model::CheckRun& run) {
  Remove(check_id);
  std::shared_ptr<Node>& node = nodes_[run.alias_node];
  if (node == nullptr) node = std::make_shared<Node>(tools_, run.alias_node, on_verdict_);
  node_of_[check_id] = run.alias_node;
  node->Add(check_id, run.alias_service);
}

void RemoteAliases::OnOtherToken() {
  for (const auto& [name, node] : nodes_) node->OnOtherToken();
}

void RemoteAliases::Remove(const std::string& check_id) {
  const auto name = node_of_.extract(check_id);
  if (name.empty()) return;
  const auto node = nodes_.find(name.mapped());
  if (node->second->Remove(check_id)) return;
  node->second->Stop();
  nodes_.erase(node);
}

}  // namespace rollcall::watch
