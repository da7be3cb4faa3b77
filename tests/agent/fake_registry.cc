#include "tests/agent/fake_registry.h"

#include "registry/model/command_json.h"
#include "registry/model/json.h"

namespace rollcall::agent {

using std::chrono::milliseconds;

bool Eventually(const std::function<bool()>& condition) {
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > give_up) return false;
    std::this_thread::sleep_for(milliseconds(5));
  }
  return true;
}

FakeRegistry::FakeRegistry() { Start(); }

FakeRegistry::~FakeRegistry() { Stop(); }

void FakeRegistry::Start() {
  stopping_ = false;
  server_ = std::make_unique<httplib::Server>();
  AddRoutes();
  if (port_ == 0) {
    port_ = server_->bind_to_any_port("127.0.0.1");
  } else if (!server_->bind_to_port("127.0.0.1", port_)) {
    throw std::runtime_error("the port of the fake registry is taken");
  }
  thread_ = std::thread([this] { server_->listen_after_bind(); });
  Eventually([this] { return server_->is_running(); });
}

void FakeRegistry::Stop() {
  if (!thread_.joinable()) return;
  stopping_ = true;
  server_->stop();
  thread_.join();
}

void FakeRegistry::WaitWhileHanging() {
  while (hanging_ && !stopping_) std::this_thread::sleep_for(milliseconds(5));
}

void FakeRegistry::AddRoutes() {
  server_->set_keep_alive_timeout(1);
  // Each connection has one, also while it waits.
  constexpr size_t kThreads = 24;
  server_->new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
  server_->set_pre_routing_handler(
      [this](const httplib::Request& request, httplib::Response& response) {
        WaitWhileHanging();
        const std::string token = request.get_header_value("X-Consul-Token");
        const std::lock_guard lock(mutex_);
        tokens_sent_.push_back(request.method + " " + request.path + " " + token);
        if (token == refused_token_ && request.method == "PUT") {
          response.status = 403;
          response.set_content("Permission denied", "text/plain");
          return httplib::Server::HandlerResponse::Handled;
        }
        if (hides_ && token.empty() && request.method == "GET") {
          return httplib::Server::HandlerResponse::Unhandled;
        }
        if (bearer_token_ && request.path != "/v1/acl/login" && !logged_in_.contains(token)) {
          response.status = 403;
          response.set_content(token.empty() ? "Permission denied" : "ACL not found", "text/plain");
          return httplib::Server::HandlerResponse::Handled;
        }
        return httplib::Server::HandlerResponse::Unhandled;
      });
  server_->Put("/v1/catalog/register", [this](const auto& q, auto& r) { Register(q, r); });
  server_->Put("/v1/catalog/deregister", [this](const auto& q, auto& r) { Deregister(q, r); });
  server_->Put("/v1/catalog/batch", [this](const auto& q, auto& r) { Batch(q, r); });
  server_->Put("/v1/catalog/heartbeat", [this](const auto& q, auto& r) { Heartbeat(q, r); });
  server_->Get("/v1/catalog/node/(.*)", [this](const auto& q, auto& r) { ShowNode(q, r); });
  server_->Get("/v1/health/node/(.*)", [this](const auto& q, auto& r) { ShowChecks(q, r); });
  server_->Get("/v1/health/service/(.*)", [this](const auto& q, auto& r) { ShowService(q, r); });
  server_->Get("/v1/internal/acl/rules", [this](const auto& q, auto& r) { ShowRules(q, r); });
  server_->Post("/v1/acl/login", [this](const auto& q, auto& r) { LogIn(q, r); });
  server_->Post("/v1/acl/logout", [this](const auto& q, auto& r) { LogOut(q, r); });
  server_->Get("/v1/agent/self", [](const auto&, auto& r) {
    r.set_content(R"({"Config": {"Datacenter": "dc1", "NodeName": "registry"},
                      "DebugConfig": {"DNSPort": 8600}})",
                  "application/json");
  });
}

void FakeRegistry::TakeLogins(const std::string& bearer_token) {
  const std::lock_guard lock(mutex_);
  bearer_token_ = bearer_token;
}

void FakeRegistry::TakeToken(const std::string& secret) {
  const std::lock_guard lock(mutex_);
  logged_in_.insert(secret);
}

void FakeRegistry::ForgetLogins() {
  const std::lock_guard lock(mutex_);
  logged_in_.clear();
}

void FakeRegistry::LogIn(const httplib::Request& request, httplib::Response& response) {
  const std::lock_guard lock(mutex_);
  const auto body = nlohmann::json::parse(request.body, nullptr, false);
  if (!bearer_token_ || !body.is_object() || body.value("BearerToken", "") != *bearer_token_) {
    response.status = 403;
    response.set_content("Permission denied", "text/plain");
    return;
  }
  const std::string secret = "login-" + std::to_string(++logins_);
  logged_in_.insert(secret);
  response.set_content(nlohmann::json{{"AccessorID", "accessor"},
                                      {"SecretID", secret},
                                      {"CreateTime", "2026-01-01T00:00:00Z"},
                                      {"ExpirationTime", "2026-01-01T01:00:00Z"}}
                           .dump(),
                       "application/json");
}

void FakeRegistry::LogOut(const httplib::Request& request, httplib::Response&) {
  const std::lock_guard lock(mutex_);
  logged_in_.erase(request.get_header_value("X-Consul-Token"));
}

std::vector<std::string> FakeRegistry::TokensSent() const {
  const std::lock_guard lock(mutex_);
  return tokens_sent_;
}

void FakeRegistry::RefuseToken(const std::string& token) {
  const std::lock_guard lock(mutex_);
  refused_token_ = token;
}

void FakeRegistry::Put(const model::Register& command) {
  const std::lock_guard lock(mutex_);
  ++index_;
  NodeEntry& entry = nodes_[command.node.name.str()];
  if (entry.node.name.empty() || !command.skip_node_update) entry.node = command.node;
  if (command.instance) entry.instances[command.instance->id.str()] = *command.instance;
  for (const model::Check& check : command.checks) entry.checks[check.check_id.str()] = check;
}

void FakeRegistry::Register(const httplib::Request& request, httplib::Response& response) {
  ++registrations_;
  const Result<model::Register> command = model::ParseRegister(request.body, "dc1");
  std::string refusal;
  if (name_is_taken_ && command && !command->skip_node_update) {
    response.status = 409;
    response.set_content("Node name is reserved by another node", "text/plain");
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    bodies_.push_back(request.body);
    if (!command) {
      refusal = command.error().message;
    } else if (command->instance && command->instance->id == refused_instance_) {
      refusal = "refused";
    } else {
      for (const model::Check& check : command->checks) {
        const bool is_there =
            check.service_id.empty() ||
            (command->instance && command->instance->id == check.service_id) ||
            nodes_[command->node.name.str()].instances.contains(check.service_id.str());
        if (!is_there) refusal = "Missing service registration";
      }
    }
  }
  if (!refusal.empty()) {
    response.status = 400;
    response.set_content(refusal, "text/plain");
    return;
  }
  Put(*command);
  response.set_content("true", "application/json");
}

void FakeRegistry::Batch(const httplib::Request& request, httplib::Response& response) {
  if (!takes_batches_) {
    response.status = 404;
    return;
  }
  ++batches_;
  if (request.body.size() > largest_batch_) largest_batch_ = request.body.size();
  nlohmann::json answers = nlohmann::json::array();
  for (const auto& element : nlohmann::json::parse(request.body)) {
    httplib::Request one;
    httplib::Response answer;
    answer.status = 200;
    one.body = element.begin().value().dump();
    if (element.contains("Register")) {
      Register(one, answer);
    } else {
      Deregister(one, answer);
    }
    const bool taken = answer.status == 200;
    answers.push_back({{"Status", answer.status}, {"Error", taken ? "" : answer.body}});
  }
  response.set_content(answers.dump(), "application/json");
}

void FakeRegistry::Deregister(const httplib::Request& request, httplib::Response& response) {
  const Result<model::Deregister> command = model::ParseDeregister(request.body, "dc1");
  if (!command) {
    response.status = 400;
    return;
  }
  const std::lock_guard lock(mutex_);
  NodeEntry& entry = nodes_[command->node];
  if (!command->service_id.empty()) {
    entry.instances.erase(command->service_id);
    std::erase_if(entry.checks,
                  [&](const auto& c) { return c.second.service_id == command->service_id; });
  } else if (!command->check_id.empty()) {
    entry.checks.erase(command->check_id);
  } else {
    nodes_.erase(command->node);
  }
  response.set_content("true", "application/json");
}

void FakeRegistry::Heartbeat(const httplib::Request& request, httplib::Response& response) {
  const auto body = nlohmann::json::parse(request.body);
  const std::lock_guard lock(mutex_);
  for (const std::string id : body.at("CheckIDs")) {
    const auto node = nodes_.find(body.at("Node").get<std::string>());
    if (node == nodes_.end() || !node->second.checks.contains(id)) {
      response.status = 404;
      response.set_content("unknown node or check", "text/plain");
      return;
    }
    node->second.checks[id].status = model::CheckStatus::kPassing;
  }
  ++heartbeats_;
  response.set_content("true", "application/json");
}

bool FakeRegistry::WaitForNews(const httplib::Request& request, httplib::Response& response) {
  const std::string token = request.get_header_value("X-Consul-Token");
  const std::string seen = request.get_param_value("index");
  // The token is judged when the answer is.
  const auto is_known = [&] {
    return !bearer_token_ || token.empty() || logged_in_.contains(token);
  };
  for (;; std::this_thread::sleep_for(milliseconds(5))) {
    const std::lock_guard lock(mutex_);
    const std::string index = std::to_string(index_);
    if (seen == index && is_known() && !stopping_) continue;
    response.set_header("X-Consul-Index", index);
    if (is_known()) return true;
    response.status = 403;
    response.set_content("ACL not found", "text/plain");
    return false;
  }
}

void FakeRegistry::ShowService(const httplib::Request& request, httplib::Response& response) {
  if (!WaitForNews(request, response)) return;
  const std::string name = request.matches[1];
  const std::lock_guard lock(mutex_);
  nlohmann::json ids = nlohmann::json::array();
  for (const auto& [node, entry] : nodes_) {
    for (const auto& [id, instance] : entry.instances) {
      if (instance.service == name) ids.push_back(id);
    }
  }
  if (hides_ && request.get_header_value("X-Consul-Token").empty()) ids.clear();
  response.set_content(ids.dump(), "application/json");
}

void FakeRegistry::ShowNode(const httplib::Request& request, httplib::Response& response) {
  if (!WaitForNews(request, response)) return;
  if (hides_ && request.get_header_value("X-Consul-Token").empty()) {
    return response.set_content("null", "application/json");
  }
  const std::string name = request.matches[1];
  const std::lock_guard lock(mutex_);
  nlohmann::ordered_json answer;
  if (const auto found = nodes_.find(name); found != nodes_.end()) {
    answer["Node"] = model::NodeJson(found->second.node, "dc1");
    answer["Services"] = nlohmann::ordered_json::object();
    for (const auto& [id, instance] : found->second.instances) {
      answer["Services"][id] = model::NodeServiceJson(instance);
    }
  }
  response.set_content(model::Dump(answer), "application/json");
}

void FakeRegistry::ShowChecks(const httplib::Request& request, httplib::Response& response) {
  if (!WaitForNews(request, response)) return;
  if (hides_ && request.get_header_value("X-Consul-Token").empty()) {
    return response.set_content("[]", "application/json");
  }
  const std::string name = request.matches[1];
  const std::lock_guard lock(mutex_);
  nlohmann::ordered_json answer = nlohmann::ordered_json::array();
  if (const auto found = nodes_.find(name); found != nodes_.end()) {
    for (const auto& [id, check] : found->second.checks) answer.push_back(model::CheckJson(check));
  }
  response.set_content(model::Dump(answer), "application/json");
}

void FakeRegistry::ShowRules(const httplib::Request& request, httplib::Response& response) {
  const std::lock_guard lock(mutex_);
  const std::string secret = request.get_header_value("X-Consul-Token");
  if (!tokens_) {
    response.status = 401;
    response.set_content("ACL support disabled", "text/plain");
  } else if (!tokens_->contains(secret)) {
    response.status = 403;
    response.set_content("ACL not found", "text/plain");
  } else {
    response.set_content(tokens_->at(secret), "application/json");
  }
  ++rules_asked_;
}

void FakeRegistry::PutToken(const std::string& secret, const std::string& rules,
                            const std::string& expires) {
  nlohmann::json answer = {{"AccessorID", "of-" + secret},
                           {"DefaultPolicy", "deny"},
                           {"Rules", nlohmann::json::array({rules})}};
  if (!expires.empty()) answer["ExpirationTime"] = expires;
  const std::lock_guard lock(mutex_);
  if (!tokens_) tokens_.emplace();
  (*tokens_)[secret] = answer.dump();
}

void FakeRegistry::RemoveToken(const std::string& secret) {
  const std::lock_guard lock(mutex_);
  if (tokens_) tokens_->erase(secret);
}

void FakeRegistry::LoseEverything() {
  const std::lock_guard lock(mutex_);
  nodes_.clear();
}

void FakeRegistry::RefuseInstance(const std::string& id) {
  const std::lock_guard lock(mutex_);
  refused_instance_ = id;
}

bool FakeRegistry::HasNode(const std::string& node) const {
  const std::lock_guard lock(mutex_);
  return nodes_.contains(node);
}

std::vector<std::string> FakeRegistry::Instances(const std::string& node) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> ids;
  if (const auto found = nodes_.find(node); found != nodes_.end()) {
    for (const auto& [id, instance] : found->second.instances) ids.push_back(id);
  }
  return ids;
}

model::Check FakeRegistry::CheckOf(const std::string& node, const std::string& check_id) const {
  const std::lock_guard lock(mutex_);
  const auto found = nodes_.find(node);
  if (found == nodes_.end() || !found->second.checks.contains(check_id)) return {};
  return found->second.checks.at(check_id);
}

std::string FakeRegistry::StatusOf(const std::string& node, const std::string& check_id) const {
  const model::Check check = CheckOf(node, check_id);
  return check.check_id.empty() ? "" : std::string(model::ToString(check.status));
}

std::vector<std::string> FakeRegistry::RegistrationBodies() const {
  const std::lock_guard lock(mutex_);
  return bodies_;
}

}  // namespace rollcall::agent
