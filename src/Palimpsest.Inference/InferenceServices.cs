using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Palimpsest.Inference;

/// <summary>Registers local and hosted models as services of Microsoft.Extensions.AI.</summary>
public static class InferenceServices
{
    extension(IServiceCollection services)
    {
        /// <summary>Registers a local model, loaded at first use, as <see cref="LanguageModel"/> and
        /// <see cref="IChatClient"/>.</summary>
        /// <param name="configuration">Bound to <see cref="LocalModelOptions"/>; keys that it does not have are
        /// refused.</param>
        /// <returns>A builder to which middleware can be added.</returns>
        public ChatClientBuilder AddLocalChatClient(IConfiguration configuration)
        {
            services.AddOptions<LocalModelOptions>().Bind(configuration, Strict);
            return services.AddLocalChatClient(_ => { });
        }

        /// <summary>Registers a local model, loaded at first use, as <see cref="LanguageModel"/> and
        /// <see cref="IChatClient"/>.</summary>
        /// <returns>A builder to which middleware can be added.</returns>
        public ChatClientBuilder AddLocalChatClient(Action<LocalModelOptions> configure)
        {
            services.AddLocalModel(configure);
            return services.AddChatClient(provider => new LocalChatClient(
                provider.GetRequiredService<LanguageModel>(),
                Options<LocalModelOptions>(provider).Generation,
                provider.GetService<TimeProvider>(),
                provider.GetService<ILogger<LocalChatClient>>()
            ));
        }

        /// <summary>Registers a hosted model as <see cref="IChatClient"/>.</summary>
        /// <param name="configuration">Bound to <see cref="HostedModelOptions"/>; keys that it does not have are
        /// refused.</param>
        /// <returns>A builder to which middleware can be added.</returns>
        public ChatClientBuilder AddHostedChatClient(IConfiguration configuration)
        {
            services.AddOptions<HostedModelOptions>().Bind(configuration, Strict);
            return services.AddHostedChatClient(_ => { });
        }

        /// <summary>Registers a hosted model as <see cref="IChatClient"/>.</summary>
        /// <returns>A builder to which middleware can be added.</returns>
        public ChatClientBuilder AddHostedChatClient(Action<HostedModelOptions> configure)
        {
            services.AddOptions<HostedModelOptions>().Configure(configure);
            return services.AddChatClient(provider => HostedChatClient.Connect(Options<HostedModelOptions>(provider)));
        }

        /// <summary>Registers a sentence encoder, loaded at first use, as <see cref="SentenceEncoder"/> and embedding
        /// generator.</summary>
        /// <param name="configuration">Bound to <see cref="SentenceEmbeddingOptions"/>; keys that it does not have are
        /// refused.</param>
        /// <returns>A builder to which middleware can be added.</returns>
        public EmbeddingGeneratorBuilder<string, Embedding<float>> AddSentenceEmbeddings(IConfiguration configuration)
        {
            services.AddOptions<SentenceEmbeddingOptions>().Bind(configuration, Strict);
            return services.AddSentenceEmbeddings(_ => { });
        }

        /// <summary>Registers a sentence encoder, loaded at first use, as <see cref="SentenceEncoder"/> and embedding
        /// generator.</summary>
        /// <returns>A builder to which middleware can be added.</returns>
        public EmbeddingGeneratorBuilder<string, Embedding<float>> AddSentenceEmbeddings(
            Action<SentenceEmbeddingOptions> configure
        )
        {
            services
                .AddOptions<SentenceEmbeddingOptions>()
                .Configure(configure)
                .ValidatePaths(options => (options.Path, null), "a sentence encoder");
            services.TryAddSingleton(provider =>
            {
                var options = Options<SentenceEmbeddingOptions>(provider);
                return SentenceEncoder.Load(options.Path, options.MaxTokens);
            });
            return services.AddEmbeddingGenerator(provider => new SentenceEmbeddingGenerator(
                provider.GetRequiredService<SentenceEncoder>()
            ));
        }

        /// <summary>Registers a local model, loaded at first use, as <see cref="LanguageModel"/> and embedding
        /// generator.</summary>
        /// <param name="configure">Which model; one that <c>AddLocalChatClient</c> registered is used again.</param>
        /// <param name="embedding">How hidden states become vectors.</param>
        /// <returns>A builder to which middleware can be added.</returns>
        public EmbeddingGeneratorBuilder<string, Embedding<float>> AddDecoderEmbeddings(
            Action<LocalModelOptions>? configure = null,
            DecoderEmbeddingOptions? embedding = null
        )
        {
            services.AddLocalModel(configure ?? (_ => { }));
            return services.AddEmbeddingGenerator(provider => new DecoderEmbeddingGenerator(
                provider.GetRequiredService<LanguageModel>(),
                embedding
            ));
        }

        private void AddLocalModel(Action<LocalModelOptions> configure)
        {
            services
                .AddOptions<LocalModelOptions>()
                .Configure(configure)
                .ValidatePaths(options => (options.Path, options.Adapter), "a model");
            services.TryAddSingleton(provider =>
            {
                var options = Options<LocalModelOptions>(provider);
                return LanguageModel.Load(options.Path, options.Adapter);
            });
        }
    }

    /// <summary>Checks when a host starts that what is named is there; loading, which takes longer, is left to the
    /// first use.</summary>
    private static void ValidatePaths<T>(
        this OptionsBuilder<T> options,
        Func<T, (string Path, string? Adapter)> paths,
        string kind
    )
        where T : class
    {
        options.Services.AddSingleton<IValidateOptions<T>>(new PathCheck<T>(paths, kind));
        options.ValidateOnStart();
    }

    private sealed class PathCheck<T>(Func<T, (string Path, string? Adapter)> paths, string kind) : IValidateOptions<T>
        where T : class
    {
        public ValidateOptionsResult Validate(string? name, T options)
        {
            var (path, adapter) = paths(options);
            if (path.Length == 0)
                return ValidateOptionsResult.Fail($"Path is missing: name {kind}.");
            foreach (var place in adapter is null ? [path] : new[] { path, adapter })
            {
                if (!File.Exists(place) && !Directory.Exists(place))
                    return ValidateOptionsResult.Fail($"'{place}' does not exist: name {kind} that does.");
            }

            return ValidateOptionsResult.Success;
        }
    }

    private static void Strict(BinderOptions options) => options.ErrorOnUnknownConfiguration = true;

    private static T Options<T>(IServiceProvider provider)
        where T : class => provider.GetRequiredService<IOptions<T>>().Value;
}
