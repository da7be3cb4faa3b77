#include "api/shared/host_info.h"

#include <sys/statvfs.h>
#include <sys/utsname.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <string_view>
#include <system_error>
#include <vector>

#include "registry/base/result.h"

namespace rollcall::api {
namespace {

using nlohmann::ordered_json;
using Fields = std::map<std::string, std::string>;

Error CannotRead(const std::string& path) { return IoError(path + ": cannot be read"); }

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n\"";
  const size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

// The number that `text` begins with; 0 for none.
template <typename T>
T NumberIn(std::string_view text) {
  T number{};
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::string ReadLine(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

// Blocks of "name <separator> value" lines, with an empty line after each block.
Result<std::vector<Fields>> ReadBlocks(const std::string& path, char separator) {
  std::ifstream file(path);
  if (!file) return CannotRead(path);
  std::vector<Fields> blocks(1);
  for (std::string line; std::getline(file, line);) {
    const size_t at = line.find(separator);
    if (at != std::string::npos) {
      const std::string_view view = line;
      blocks.back().emplace(Trim(view.substr(0, at)), Trim(view.substr(at + 1)));
    } else if (!blocks.back().empty()) {
      blocks.emplace_back();
    }
  }
  if (blocks.back().empty()) blocks.pop_back();
  return blocks;
}

std::string_view Find(const Fields& fields, const std::string& name) {
  const auto it = fields.find(name);
  return it == fields.end() ? std::string_view() : it->second;
}

double PercentOf(uint64_t part, uint64_t whole) {
  return whole == 0 ? 0.0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

Result<ordered_json> Memory(const HostSources& sources) {
  const std::string path = sources.proc + "/meminfo";
  const Result<std::vector<Fields>> blocks = ReadBlocks(path, ':');
  if (!blocks) return blocks.error();
  if (blocks->empty()) return CannotRead(path);
  const auto bytes = [&fields = blocks->front()](const char* name) {
    return NumberIn<uint64_t>(Find(fields, name)) * 1024;
  };
  const uint64_t total = bytes("MemTotal");
  const uint64_t free = bytes("MemFree");
  const uint64_t buffers = bytes("Buffers");
  const uint64_t cached = bytes("Cached") + bytes("SReclaimable");
  const uint64_t used = total - std::min(total, free + buffers + cached);
  return ordered_json{
      {"total", total},
      {"available", bytes("MemAvailable")},
      {"used", used},
      {"usedPercent", PercentOf(used, total)},
      {"free", free},
      {"active", bytes("Active")},
      {"inactive", bytes("Inactive")},
      {"wired", 0},
      {"laundry", 0},
      {"buffers", buffers},
      {"cached", cached},
      {"writeBack", bytes("Writeback")},
      {"dirty", bytes("Dirty")},
      {"writeBackTmp", bytes("WritebackTmp")},
      {"shared", bytes("Shmem")},
      {"slab", bytes("Slab")},
      {"sreclaimable", bytes("SReclaimable")},
      {"sunreclaim", bytes("SUnreclaim")},
      {"pageTables", bytes("PageTables")},
      {"swapCached", bytes("SwapCached")},
      {"commitLimit", bytes("CommitLimit")},
      {"committedAS", bytes("Committed_AS")},
      {"highTotal", bytes("HighTotal")},
      {"highFree", bytes("HighFree")},
      {"lowTotal", bytes("LowTotal")},
      {"lowFree", bytes("LowFree")},
      {"swapTotal", bytes("SwapTotal")},
      {"swapFree", bytes("SwapFree")},
      {"mapped", bytes("Mapped")},
      {"vmallocTotal", bytes("VmallocTotal")},
      {"vmallocUsed", bytes("VmallocUsed")},
      {"vmallocChunk", bytes("VmallocChunk")},
      {"hugePagesTotal", bytes("HugePages_Total") / 1024},
      {"hugePagesFree", bytes("HugePages_Free") / 1024},
      {"hugePageSize", bytes("Hugepagesize")},
  };
}

Result<ordered_json> Cpus(const HostSources& sources) {
  const Result<std::vector<Fields>> blocks = ReadBlocks(sources.proc + "/cpuinfo", ':');
  if (!blocks) return blocks.error();
  ordered_json cpus = ordered_json::array();
  for (const Fields& fields : *blocks) {
    // Some machines end with a block of the board's own.
    if (!fields.contains("processor")) continue;
    std::istringstream words{std::string(Find(fields, "flags"))};
    ordered_json flags = ordered_json::array();
    for (std::string flag; words >> flag;) flags.push_back(flag);
    cpus.push_back({
        {"cpu", NumberIn<int>(Find(fields, "processor"))},
        {"vendorId", Find(fields, "vendor_id")},
        {"family", Find(fields, "cpu family")},
        {"model", Find(fields, "model")},
        {"stepping", NumberIn<int>(Find(fields, "stepping"))},
        {"physicalId", Find(fields, "physical id")},
        {"coreId", Find(fields, "core id")},
        {"cores", 1},  // each entry is one logical CPU
        {"modelName", Find(fields, "model name")},
        {"mhz", NumberIn<double>(Find(fields, "cpu MHz"))},
        {"cacheSize", NumberIn<int>(Find(fields, "cache size"))},
        {"flags", std::move(flags)},
        {"microcode", Find(fields, "microcode")},
    });
  }
  return cpus;
}

uint64_t CountProcesses(const std::string& proc) {
  uint64_t count = 0;
  std::error_code ignored;
  for (auto it = std::filesystem::directory_iterator(proc, ignored);
       !ignored && it != std::filesystem::directory_iterator(); it.increment(ignored)) {
    const std::string name = it->path().filename();
    count += name.find_first_not_of("0123456789") == std::string::npos ? 1 : 0;
  }
  return count;
}

Result<ordered_json> Host(const HostSources& sources) {
  const std::string uptime_path = sources.proc + "/uptime";
  const std::string uptime = ReadLine(uptime_path);
  if (uptime.empty()) return CannotRead(uptime_path);
  const auto up_s = NumberIn<uint64_t>(uptime);
  const auto now_s = static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(
                                               std::chrono::system_clock::now().time_since_epoch())
                                               .count());
  Fields os;
  if (Result<std::vector<Fields>> blocks = ReadBlocks(sources.os_release, '=');
      blocks && !blocks->empty()) {
    os = std::move(blocks->front());
  }
  utsname kernel{};
  ::uname(&kernel);
  const std::string_view family = Find(os, "ID_LIKE");
  return ordered_json{
      {"hostname", kernel.nodename},
      {"uptime", up_s},
      {"bootTime", now_s - std::min(now_s, up_s)},
      {"procs", CountProcesses(sources.proc)},
      {"os", "linux"},
      {"platform", Find(os, "ID")},
      {"platformFamily", family.empty() ? Find(os, "ID") : family},
      {"platformVersion", Find(os, "VERSION_ID")},
      {"kernelVersion", kernel.release},
      {"kernelArch", kernel.machine},
      {"virtualizationSystem", ""},
      {"virtualizationRole", ""},
      {"hostId", ReadLine(sources.proc + "/sys/kernel/random/boot_id")},
  };
}

// The type of the file system that `path` is on: that of the longest mount point above it.
std::string FileSystemType(const HostSources& sources) {
  std::error_code ignored;
  const std::string path = std::filesystem::weakly_canonical(sources.disk, ignored).string() + "/";
  std::ifstream mounts(sources.proc + "/self/mounts");
  std::string type;
  size_t longest = 0;
  for (std::string line; std::getline(mounts, line);) {
    std::istringstream words(line);
    std::string device;
    std::string point;
    std::string its_type;
    words >> device >> point >> its_type;
    if (!point.ends_with('/')) point += '/';
    // The later one of two at the same place hides the other.
    if (point.size() < longest || !path.starts_with(point)) continue;
    longest = point.size();
    type = its_type;
  }
  return type;
}

Result<ordered_json> Disk(const HostSources& sources) {
  struct statvfs status {};
  if (::statvfs(sources.disk.c_str(), &status) != 0) {
    return IoError(sources.disk + ": " + std::generic_category().message(errno));
  }
  const uint64_t total = status.f_blocks * status.f_frsize;
  const uint64_t free = status.f_bavail * status.f_frsize;
  const uint64_t used = (status.f_blocks - status.f_bfree) * status.f_frsize;
  const uint64_t inodes_used = status.f_files - std::min(status.f_files, status.f_ffree);
  return ordered_json{
      {"path", sources.disk},
      {"fstype", FileSystemType(sources)},
      {"total", total},
      {"free", free},
      {"used", used},
      // Of what is not reserved for root, as df shows it.
      {"usedPercent", PercentOf(used, used + free)},
      {"inodesTotal", status.f_files},
      {"inodesUsed", inodes_used},
      {"inodesFree", status.f_ffree},
      {"inodesUsedPercent", PercentOf(inodes_used, status.f_files)},
  };
}

}  // namespace

ordered_json HostInfoJson(const HostSources& sources) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  ordered_json info;
  ordered_json errors;  // null until there is one
  const auto add = [&](const char* name, Result<ordered_json> part) {
    info[name] = part ? std::move(*part) : ordered_json();
    if (!part) errors.push_back(part.error().message);
  };
  add("Memory", Memory(sources));
  add("CPU", Cpus(sources));
  add("Host", Host(sources));
  add("Disk", Disk(sources));
  info["CollectionTime"] = std::chrono::nanoseconds(now).count();
  info["Errors"] = std::move(errors);
  return info;
}

}  // namespace rollcall::api
