// Runs a fuzz target over the files of its corpus, without libFuzzer: this makes each corpus a test
// in every build (and under its sanitizers). One thread; exits 0 when every input was survived.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: %s CORPUS_FILE...\n", argv[0]);
    return 2;
  }
  for (int i = 1; i < argc; ++i) {
    std::ifstream file(argv[i], std::ios::binary);
    if (!file) {
      std::fprintf(stderr, "cannot read %s\n", argv[i]);
      return 1;
    }
    const std::vector<char> text{std::istreambuf_iterator<char>(file), {}};
    // A buffer of its own of exactly this size: a read past the end is seen by AddressSanitizer.
    const std::vector<uint8_t> input(text.begin(), text.end());
    std::fprintf(stderr, "%s (%zu bytes)\n", argv[i], input.size());
    LLVMFuzzerTestOneInput(input.data(), input.size());
  }
  std::fprintf(stderr, "%d inputs survived\n", argc - 1);
  return 0;
}
