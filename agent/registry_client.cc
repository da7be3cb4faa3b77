#include "agent/registry_client.h"

#include <httplib.h>

#include "registry/base/printable.h"

namespace rollcall::agent {
namespace {

using std::chrono::milliseconds;

// A failure later than this is a server that hangs, and asking again would double the wait.
constexpr milliseconds kAtOnce{500};

void SetTimeouts(httplib::Client& client, milliseconds connect, milliseconds answer) {
  client.set_connection_timeout(connect);
  client.set_read_timeout(answer);
  client.set_write_timeout(answer);
}

httplib::Result Exchange(httplib::Client& client, const RegistryRequest& request) {
  return request.method == HttpMethod::kGet
             ? client.Get(request.path)
             : client.Put(request.path, request.body, "application/json");
}

}  // namespace

RegistryClient::RegistryClient(const Options& options) : servers_(options.servers) {
  for (const std::string& server : servers_) {
    auto client = std::make_unique<httplib::Client>(server);
    client->set_keep_alive(true);
    client->set_tcp_nodelay(true);
    SetTimeouts(*client, options.connect_timeout, options.answer_timeout);
    clients_.push_back(std::move(client));
  }
}

RegistryClient::~RegistryClient() = default;

Result<RegistryAnswer> RegistryClient::Send(const RegistryRequest& request) {
  Error last = Unavailable("no server is configured");
  const size_t first = current_;
  for (size_t i = 0; i < clients_.size(); ++i) {
    const size_t index = (first + i) % clients_.size();
    Result<RegistryAnswer> answer = SendTo(index, request);
    if (answer) {
      current_ = index;
      return answer;
    }
    last = answer.error();
  }
  return last;
}

Result<RegistryAnswer> RegistryClient::SendTo(size_t index, const RegistryRequest& request) {
  if (interrupted_) return Unavailable("interrupted");
  httplib::Client& client = *clients_[index];
  const auto started = std::chrono::steady_clock::now();
  httplib::Result result = Exchange(client, request);
  const bool failed_at_once = !result && result.error() != httplib::Error::Connection &&
                              std::chrono::steady_clock::now() - started < kAtOnce;
  if (failed_at_once && !interrupted_) {
    // Most often the server closed a kept connection just as it was used; a new one tells. All our
    // requests may be sent twice.
    result = Exchange(client, request);
  }
  if (!result) {
    return Unavailable(servers_[index] + ": " + httplib::to_string(result.error()));
  }
  if (result->status >= 500 || result->status == 429) {
    return Unavailable(servers_[index] + " answers " + std::to_string(result->status) + ": " +
                       Printable(result->body.substr(0, 200)));
  }
  return RegistryAnswer{result->status, result->body};
}

void RegistryClient::Hurry(milliseconds timeout) {
  interrupted_ = false;
  for (auto& client : clients_) SetTimeouts(*client, timeout, timeout);
}

void RegistryClient::Interrupt() {
  interrupted_ = true;
  for (auto& client : clients_) client->stop();
}

}  // namespace rollcall::agent
