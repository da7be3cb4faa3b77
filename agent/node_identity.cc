#include "agent/node_identity.h"

#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>

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

Error CannotWrite(const std::string& path) {
  return IoError("cannot write " + path + ": " + std::strerror(errno));
}

bool SyncPath(const std::string& path, int flags) {
  const int fd = open(path.c_str(), flags | O_CLOEXEC);
  if (fd < 0) return false;
  const bool synced = fsync(fd) == 0;
  return close(fd) == 0 && synced;
}

Result<void> WriteAtomically(const std::string& directory, const std::string& file,
                             const std::string& content) {
  const std::string draft = file + ".new";
  errno = 0;
  {
    std::ofstream stream(draft, std::ios::binary | std::ios::trunc);
    stream << content << std::flush;
    if (!stream) return CannotWrite(draft);
  }
  if (!SyncPath(draft, O_WRONLY) || std::rename(draft.c_str(), file.c_str()) != 0 ||
      !SyncPath(directory, O_RDONLY | O_DIRECTORY)) {
    return CannotWrite(file);
  }
  return {};
}

}  // namespace

Result<std::string> EnsureNodeId(const std::string& data_dir) {
  std::error_code error;
  std::filesystem::create_directories(data_dir, error);
  if (error) return IoError("data_dir: cannot create " + data_dir + ": " + error.message());
  const std::string file = data_dir + "/node-id";
  if (std::filesystem::exists(file, error)) {
    std::ifstream stream(file);
    std::string id;
    stream >> id;
    if (IsUuid(id)) return AsciiLower(id);
    return Corruption(file + " holds no UUID; remove it to get a new one");
  }
  Result<std::string> id = MakeUuid();
  if (!id) return id.error();
  if (Result<void> written = WriteAtomically(data_dir, file, *id + "\n"); !written) {
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
