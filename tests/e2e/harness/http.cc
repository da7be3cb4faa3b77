#include "tests/e2e/harness/http.h"

#include <httplib.h>

#include <cstdlib>

namespace rollcall::e2e {
namespace {

Reply ToReply(const httplib::Result& result) {
  if (!result) {
    Reply none;
    none.is_sent = result.error() != httplib::Error::Connection;
    return none;
  }
  const std::string index = result->get_header_value("X-Consul-Index");
  const std::string age = result->get_header_value("Age");
  const std::string contact = result->get_header_value("X-Consul-LastContact");
  return {result->status,
          result->body,
          std::strtoull(index.c_str(), nullptr, 10),
          result->get_header_value("X-Cache"),
          age.empty() ? -1 : std::atoi(age.c_str()),
          result->get_header_value("X-Consul-KnownLeader"),
          contact.empty() ? -1 : std::strtoll(contact.c_str(), nullptr, 10),
          true};
}

}  // namespace

class Http::Client : public httplib::Client {
 public:
  using httplib::Client::Client;
};

Http::Http(int port, std::chrono::milliseconds patience) : Http("127.0.0.1", port, patience) {}

Http::Http(const std::string& host, int port, std::chrono::milliseconds patience)
    : client_(std::make_unique<Client>(host, port)) {
  client_->set_keep_alive(true);
  client_->set_tcp_nodelay(true);
  client_->set_connection_timeout(std::chrono::seconds(2));
  client_->set_read_timeout(patience);
}

Http::Http(const std::string& url, const std::string& authority)
    : client_(std::make_unique<Client>(url)) {
  client_->set_keep_alive(true);
  client_->set_ca_cert_path(authority);
  client_->enable_server_certificate_verification(true);
}

Http::~Http() = default;

Reply Http::Get(const std::string& path) { return ToReply(client_->Get(path)); }

Reply Http::Put(const std::string& path, const std::string& body) {
  return ToReply(client_->Put(path, body, "application/json"));
}

}  // namespace rollcall::e2e
