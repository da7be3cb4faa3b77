#include "agent/node_identity.h"

#include <sys/random.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "agent/keep/durable_file.h"
#include "registry/base/ascii.h"

namespace rollcall::agent {
namespace {

constexpr size_t kUuidSize = 36;

// A random UUID (RFC 9562, section 5.4).
Result<std::string> MakeUuid() {
  std::array<unsigned char, 16> bytes{};
  if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    return IoError(std::string("no random bytes: ") + std::strerror(errno));
  }
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0F) | 0x40);
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3F) | 0x80);
  std::string text;
  for (size_t i = 0; i < bytes.size(); ++i) {
    static constexpr char kHex[] = "0123456789abcdef";
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += kHex[bytes[i] >> 4];
    text += kHex[bytes[i] & 15];
  }
  return text;
}

bool IsUuid(const std::string& text) {
  if (text.size() != kUuidSize) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const bool hex = std::isxdigit(static_cast<unsigned char>(text[i])) != 0;
    if (dash ? text[i] != '-' : !hex) return false;
  }
  return true;
}

}  // namespace

Result<std::string> EnsureNodeId(const std::string& data_dir) {
  if (Result<void> made = EnsureDirectory(data_dir); !made) {
    return Error{made.error().code, "data_dir: " + made.error().message};
  }
  const std::string file = data_dir + "/node-id";
  std::error_code error;
  if (std::filesystem::exists(file, error)) {
    std::ifstream stream(file);
    std::string id;
    stream >> id;
    if (IsUuid(id)) return AsciiLower(id);
    return Corruption(file + " holds no UUID; remove it to get a new one");
  }
  Result<std::string> id = MakeUuid();
  if (!id) return id.error();
  if (Result<void> written = WriteDurably(file, *id + "\n"); !written) {
    return written.error();
  }
  return id;
}

Result<std::string> AddressTowards(const probe::HostPort& peer) {
  namespace asio = boost::asio;
  using udp = asio::ip::udp;
  boost::system::error_code error;
  asio::io_context loop;
  udp::resolver resolver(loop);
  const auto endpoints = resolver.resolve(peer.host, std::to_string(peer.port), error);
  for (const auto& endpoint : endpoints) {
    udp::socket socket(loop);
    socket.open(endpoint.endpoint().protocol(), error);
    if (!error) socket.connect(endpoint.endpoint(), error);
    if (!error) return socket.local_endpoint().address().to_string();
  }
  return Unavailable("cannot reach " + peer.host + ": " + error.message());
}

}  // namespace rollcall::agent
