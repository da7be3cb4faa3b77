#include "api/shared/host_info.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

namespace rollcall::api {
namespace {

using nlohmann::ordered_json;
using testing::HasSubstr;

// A /proc of our own.
class HostInfoTest : public testing::Test {
 protected:
  HostInfoTest() {
    std::string pattern = testing::TempDir() + "/host-XXXXXX";
    root_ = std::filesystem::canonical(mkdtemp(pattern.data()));
    sources_.proc = root_ + "/proc";
    sources_.os_release = root_ + "/os-release";
    sources_.disk = root_;
  }
  ~HostInfoTest() override { std::filesystem::remove_all(root_); }

  void Write(const std::string& name, const std::string& text) const {
    const std::filesystem::path path = root_ + "/" + name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }

  std::string root_;
  HostSources sources_;
};

TEST_F(HostInfoTest, MemoryIsInBytes) {
  Write("proc/meminfo",
        "MemTotal:        1000 kB\nMemFree:          400 kB\nMemAvailable:     600 kB\n"
        "Buffers:          100 kB\nCached:           150 kB\nSReclaimable:      50 kB\n"
        "HugePages_Total:     3\nHugepagesize:     2048 kB\n");
  const ordered_json memory = HostInfoJson(sources_)["Memory"];
  EXPECT_EQ(memory["total"], 1024000);
  EXPECT_EQ(memory["available"], 614400);
  EXPECT_EQ(memory["free"], 409600);
  EXPECT_EQ(memory["used"], 307200);
  EXPECT_EQ(memory["usedPercent"], 30.0);
  EXPECT_EQ(memory["hugePagesTotal"], 3);
  EXPECT_EQ(memory["hugePageSize"], 2097152);
  EXPECT_EQ(memory["swapTotal"], 0);
}

TEST_F(HostInfoTest, EachLogicalCpuIsListed) {
  Write("proc/cpuinfo",
        "processor\t: 0\nvendor_id\t: Someone\nmodel name\t: Chip 9\ncpu MHz\t\t: 2000.5\n"
        "cache size\t: 512 KB\nflags\t\t: fpu sse\n\n"
        "processor\t: 1\nmodel name\t: Chip 9\n\nModel\t\t: A board\n");
  const ordered_json cpus = HostInfoJson(sources_)["CPU"];
  ASSERT_EQ(cpus.size(), 2u);
  EXPECT_EQ(cpus[0]["cpu"], 0);
  EXPECT_EQ(cpus[0]["vendorId"], "Someone");
  EXPECT_EQ(cpus[0]["modelName"], "Chip 9");
  EXPECT_EQ(cpus[0]["mhz"], 2000.5);
  EXPECT_EQ(cpus[0]["cacheSize"], 512);
  EXPECT_EQ(cpus[0]["flags"], (ordered_json{"fpu", "sse"}));
  EXPECT_EQ(cpus[1]["cpu"], 1);
  EXPECT_EQ(cpus[1]["flags"], ordered_json::array());
}

TEST_F(HostInfoTest, TheSystemAndItsProcesses) {
  Write("proc/uptime", "1234.56 99.0\n");
  Write("proc/1/stat", "");
  Write("proc/22/stat", "");
  Write("proc/33x/stat", "");
  Write("os-release", "ID=debian\nVERSION_ID=\"12\"\n");
  const ordered_json host = HostInfoJson(sources_)["Host"];
  EXPECT_EQ(host["uptime"], 1234);
  EXPECT_EQ(host["procs"], 2);
  EXPECT_EQ(host["platform"], "debian");
  EXPECT_EQ(host["platformFamily"], "debian");
  EXPECT_EQ(host["platformVersion"], "12");
  EXPECT_NE(host["hostname"], "");
}

TEST_F(HostInfoTest, TheDiskIsThatOfThePathWithTheTypeOfItsMount) {
  Write("proc/self/mounts", "/dev/a / ext4 rw 0 0\n/dev/b " + root_ + " xfs rw 0 0\n/dev/c " +
                                root_ + "-other btrfs rw 0 0\n");
  const ordered_json disk = HostInfoJson(sources_)["Disk"];
  EXPECT_EQ(disk["path"], root_);
  EXPECT_EQ(disk["fstype"], "xfs");
  EXPECT_GT(disk["total"], 0);
  EXPECT_LE(disk["used"], disk["total"]);
  EXPECT_LE(disk["usedPercent"], 100.0);
}

TEST_F(HostInfoTest, WhatCannotBeReadIsNullAndNamed) {
  sources_.disk = root_ + "/missing";
  Write("proc/meminfo", "");
  const ordered_json info = HostInfoJson(sources_);
  for (const char* part : {"Memory", "CPU", "Host", "Disk"}) {
    EXPECT_TRUE(info[part].is_null()) << part;
  }
  ASSERT_EQ(info["Errors"].size(), 4u);
  EXPECT_THAT(info["Errors"][0], HasSubstr("meminfo"));
  EXPECT_THAT(info["Errors"][3], HasSubstr("missing: No such file or directory"));
}

TEST_F(HostInfoTest, NonsenseInTheFilesIsNotAnError) {
  Write("proc/meminfo", "MemTotal: many\n: 5\nMemFree:\n\n\nx");
  Write("proc/cpuinfo", ":\n\n\nprocessor : first\nflags\t:\n");
  Write("proc/uptime", "soon");
  const ordered_json info = HostInfoJson(sources_);
  EXPECT_TRUE(info["Errors"].is_null()) << info["Errors"];
  EXPECT_EQ(info["Memory"]["total"], 0);
  EXPECT_EQ(info["Memory"]["usedPercent"], 0.0);
  EXPECT_EQ(info["CPU"][0]["cpu"], 0);
  EXPECT_EQ(info["Host"]["uptime"], 0);
}

TEST_F(HostInfoTest, ThisHostIsReadWhole) {
  HostSources sources;
  sources.disk = root_;
  const ordered_json info = HostInfoJson(sources);
  EXPECT_TRUE(info["Errors"].is_null()) << info["Errors"];
  EXPECT_GT(info["Memory"]["total"], 0);
  EXPECT_FALSE(info["CPU"].empty());
  EXPECT_GT(info["Host"]["procs"], 0);
  EXPECT_NE(info["Disk"]["fstype"], "");
  EXPECT_GT(info["CollectionTime"], 1'600'000'000'000'000'000);
}

}  // namespace
}  // namespace rollcall::api
