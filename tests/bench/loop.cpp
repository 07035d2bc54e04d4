// llama.cpp's plainest loop, to compare ours with: the same library, the same chain of samplers, nothing else.
// Usage: loop MODEL THREADS CONTEXT. Reads commands from stdin, a line each, and answers each with a line:
//   prompt N id...   evaluate these tokens from an empty cache in batches of 512 -> seconds
//   write KIND N     draw and evaluate N tokens ("greedy" or "default"), then take them back -> seconds

#include <llama.h>

#include <chrono>
#include <cstdio>
#include <iostream>
#include <string>
#include <vector>

static double now() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

static llama_sampler * chain(const std::string & kind, int vocabulary) {
    auto parameters = llama_sampler_chain_default_params();
    parameters.no_perf = true;
    auto * made = llama_sampler_chain_init(parameters);
    if (kind == "greedy") {
        llama_sampler_chain_add(made, llama_sampler_init_greedy());
        return made;
    }
    llama_sampler_chain_add(made, llama_sampler_init_penalties(vocabulary, 64, 1.05f, 0.0f, 0.0f));
    llama_sampler_chain_add(made, llama_sampler_init_top_k(40));
    llama_sampler_chain_add(made, llama_sampler_init_top_p(0.95f, 1));
    llama_sampler_chain_add(made, llama_sampler_init_min_p(0.05f, 1));
    llama_sampler_chain_add(made, llama_sampler_init_temp_ext(0.7f, 0.0f, 1.0f));
    llama_sampler_chain_add(made, llama_sampler_init_dist(1));
    return made;
}

int main(int count, char ** arguments) {
    if (count != 4) {
        return 2;
    }
    llama_log_set([](ggml_log_level, const char *, void *) {}, nullptr);
    llama_backend_init();
    auto * model = llama_model_load_from_file(arguments[1], llama_model_default_params());
    auto parameters = llama_context_default_params();
    parameters.n_ctx = std::stoi(arguments[3]);
    parameters.n_batch = parameters.n_ubatch = 512;
    parameters.n_threads = parameters.n_threads_batch = std::stoi(arguments[2]);
    auto * context = model ? llama_init_from_model(model, parameters) : nullptr;
    if (!context) {
        return 1;
    }
    const int vocabulary = llama_vocab_n_tokens(llama_model_get_vocab(model));
    auto * memory = llama_get_memory(context);
    std::vector<llama_token> prompt;
    std::printf("ready\n");
    std::fflush(stdout);

    std::string command;
    while (std::cin >> command) {
        double started = now();
        if (command == "prompt") {
            size_t tokens;
            std::cin >> tokens;
            prompt.resize(tokens);
            for (auto & token : prompt) {
                std::cin >> token;
            }
            llama_memory_clear(memory, false);
            started = now();
            for (size_t at = 0; at < tokens; at += 512) {
                const int size = (int) std::min<size_t>(512, tokens - at);
                if (llama_decode(context, llama_batch_get_one(prompt.data() + at, size)) != 0) {
                    return 1;
                }
            }
            llama_get_logits_ith(context, -1);
            std::printf("%.6f\n", now() - started);
        } else {
            std::string kind;
            int tokens;
            std::cin >> kind >> tokens;
            // the last token again, so that its logits are there, outside of what is timed
            llama_memory_seq_rm(memory, 0, (llama_pos) prompt.size() - 1, -1);
            llama_token token = prompt.back();
            llama_decode(context, llama_batch_get_one(&token, 1));
            llama_get_logits_ith(context, -1);
            auto * sampler = chain(kind, vocabulary);
            started = now();
            for (int written = 0; written < tokens; written++) {
                token = llama_sampler_sample(sampler, context, -1);
                if (written + 1 < tokens && llama_decode(context, llama_batch_get_one(&token, 1)) != 0) {
                    return 1;
                }
            }
            std::printf("%.6f\n", now() - started);
            llama_sampler_free(sampler);
        }
        std::fflush(stdout);
    }
    llama_free(context);
    llama_model_free(model);
    return 0;
}
