// A client of a rollcall server's or agent's HTTP API: one connection, kept open.
// Not thread-safe; each thread makes its own.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

namespace rollcall::e2e {

using Json = nlohmann::json;

struct Reply {
  int status = 0;  // 0: no answer
  std::string body = {};
  uint64_t index = 0;          // X-Consul-Index
  std::string cache{};         // X-Cache
  int age = -1;                // Age; -1: it does not say
  std::string known_leader{};  // X-Consul-KnownLeader
  int64_t last_contact = -1;   // X-Consul-LastContact, in milliseconds; -1: it does not say
  bool is_sent = true;         // false: there was no connection to send the request over

  bool ok() const { return status == 200; }
  // Null when the body is not JSON.
  Json json() const { return Json::accept(body) ? Json::parse(body) : Json(); }
};

class Http {
 public:
  // Waits at most `patience` for an answer.
  explicit Http(int port, std::chrono::milliseconds patience = std::chrono::seconds(20));
  Http(const std::string& host, int port, std::chrono::milliseconds patience);
  // "https://127.0.0.1:8501", whose certificate has to be of that authority (a PEM file).
  Http(const std::string& url, const std::string& authority);
  ~Http();
  Http(const Http&) = delete;
  Http& operator=(const Http&) = delete;

  Reply Get(const std::string& path);
  Reply Put(const std::string& path, const std::string& body = "");
  Reply Put(const std::string& path, const Json& body) { return Put(path, body.dump()); }

 private:
  class Client;
  std::unique_ptr<Client> client_;
};

}  // namespace rollcall::e2e
