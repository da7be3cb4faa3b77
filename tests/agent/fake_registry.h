// FakeRegistry: the few endpoints of a registry that an agent talks to, over a map in memory, with
// the misfortunes that a test asks for. Its own threads serve it; all functions may be called from
// any thread.
#pragma once

#include <httplib.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "registry/model/command.h"

namespace rollcall::agent {

// Waits until `condition` holds.
bool Eventually(const std::function<bool()>& condition);

class FakeRegistry {
 public:
  FakeRegistry();
  ~FakeRegistry();

  std::string Url() const { return "http://127.0.0.1:" + std::to_string(port_); }

  // Goes away and comes back on the same port, with what it held.
  void Stop();
  void Start();

  void LoseEverything();
  void SetHanging(bool hanging) { hanging_ = hanging; }
  // Registrations of this instance ID are refused with 400.
  void RefuseInstance(const std::string& id);
  // The node's name belongs to another host: registrations of the node are refused with 409.
  void TakeNodeName(bool taken) { name_is_taken_ = taken; }
  // Access is controlled from the first of them on: a token that grants what `rules` say.
  void PutToken(const std::string& secret, const std::string& rules,
                const std::string& expires = "");
  void RemoveToken(const std::string& secret);
  // How often it was asked what a token grants.
  int rules_asked() const { return rules_asked_; }
  // Whoever presents this bearer token gets "login-1", "login-2" and so on, each of them good for
  // an hour; all that is asked from here on needs one of them.
  void TakeLogins(const std::string& bearer_token);
  // Reads without a token are answered as if there was nothing, which nobody may see.
  void HideFromAnonymous() { hides_ = true; }
  // One that is known beside those of logins.
  void TakeToken(const std::string& secret);
  // The tokens of logins are known no more.
  void ForgetLogins();
  int logins() const { return logins_; }
  // Something put there by somebody else.
  void Put(const model::Register& command);

  bool HasNode(const std::string& node) const;
  std::vector<std::string> Instances(const std::string& node) const;
  // "passing", ...; empty when it is not there.
  std::string StatusOf(const std::string& node, const std::string& check_id) const;
  model::Check CheckOf(const std::string& node, const std::string& check_id) const;
  int heartbeats() const { return heartbeats_; }
  int registrations() const { return registrations_; }
  int batches() const { return batches_; }
  size_t largest_batch() const { return largest_batch_; }  // in bytes
  void SetTakesBatches(bool takes) { takes_batches_ = takes; }
  // "PUT /v1/catalog/register TOKEN" of each request.
  std::vector<std::string> TokensSent() const;
  // Registrations with this token are refused with 403.
  void RefuseToken(const std::string& token);
  // Bodies of PUT /v1/catalog/register, in order.
  std::vector<std::string> RegistrationBodies() const;

 private:
  struct NodeEntry {
    model::Node node;
    std::map<std::string, model::Instance> instances;
    std::map<std::string, model::Check> checks;
  };

  void AddRoutes();
  void Register(const httplib::Request& request, httplib::Response& response);
  void Batch(const httplib::Request& request, httplib::Response& response);
  void Deregister(const httplib::Request& request, httplib::Response& response);
  void Heartbeat(const httplib::Request& request, httplib::Response& response);
  // Holds a blocking query until there is something new. Whether it is to be answered.
  bool WaitForNews(const httplib::Request& request, httplib::Response& response);
  void ShowNode(const httplib::Request& request, httplib::Response& response);
  void ShowChecks(const httplib::Request& request, httplib::Response& response);
  void ShowService(const httplib::Request& request, httplib::Response& response);
  void ShowRules(const httplib::Request& request, httplib::Response& response);
  void LogIn(const httplib::Request& request, httplib::Response& response);
  void LogOut(const httplib::Request& request, httplib::Response& response);
  void WaitWhileHanging();

  int port_ = 0;
  std::unique_ptr<httplib::Server> server_;
  std::thread thread_;
  std::atomic<bool> hanging_{false};
  std::atomic<bool> stopping_{false};
  std::atomic<int> heartbeats_{0};
  std::atomic<int> registrations_{0};
  std::atomic<int> batches_{0};
  std::atomic<int> rules_asked_{0};
  std::atomic<int> logins_{0};
  std::atomic<size_t> largest_batch_{0};
  std::atomic<bool> takes_batches_{true};
  std::atomic<bool> name_is_taken_{false};
  std::atomic<bool> hides_{false};
  mutable std::mutex mutex_;
  std::map<std::string, NodeEntry> nodes_;  // guarded by mutex_
  int index_ = 1;                           // of the last Put; guarded by mutex_
  std::vector<std::string> bodies_;         // guarded by mutex_
  std::string refused_instance_;            // guarded by mutex_
  std::vector<std::string> tokens_sent_;    // guarded by mutex_
  std::string refused_token_ = "-";         // guarded by mutex_
  // Guarded by mutex_, as the next. None: nobody has to log in.
  std::optional<std::string> bearer_token_;
  std::set<std::string> logged_in_;
  // By secret: what is answered about it. None: access is not controlled. Guarded by mutex_.
  std::optional<std::map<std::string, std::string>> tokens_;
};

}  // namespace rollcall::agent
