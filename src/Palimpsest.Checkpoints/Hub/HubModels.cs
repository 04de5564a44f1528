using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Polly;

namespace Palimpsest.Checkpoints;

/// <summary>Brings models and adapters from a Hugging Face hub into the cache that its own tools share.</summary>
/// <remarks>
/// Only safetensors and GGUF files and the texts beside them are brought. Downloads go on where they stopped; every
/// file's hash is checked before it gets its name. Several processes can ask for the same model at once.
/// </remarks>
/// <param name="options">Address, cache and token.</param>
/// <param name="logger">Told of models, numbers of files and failed attempts; nobody by default.</param>
public sealed class HubModels(HubOptions options, ILogger<HubModels>? logger = null)
{
    private readonly ILogger _logger = logger ?? NullLogger<HubModels>.Instance;

    /// <summary>Returns the local path of a model, bringing what is missing.</summary>
    /// <param name="reference">The model.</param>
    /// <param name="progress">Receives bytes done and in all.</param>
    /// <param name="cancellationToken">Stops between reads; what came stays and is used the next time.</param>
    /// <returns>The snapshot's folder, or the GGUF file where the model is one.</returns>
    /// <exception cref="InputException">The hub has no such model or cannot be reached, a file is not what its hash
    /// says, the disk is too small, or the model is not in the cache and the hub may not be asked.</exception>
    public Task<string> GetAsync(
        HubReference reference,
        IProgress<TaskProgress>? progress = null,
        CancellationToken cancellationToken = default
    ) => GetAsync(reference, HubSelection.Choose, progress, cancellationToken);

    /// <summary>Returns the local folder of an adapter, bringing its configuration and its safetensors where they are
    /// missing.</summary>
    /// <param name="reference">The adapter.</param>
    /// <param name="progress">Receives bytes done and in all.</param>
    /// <param name="cancellationToken">Stops between reads; what came stays and is used the next time.</param>
    /// <returns>The snapshot's folder.</returns>
    /// <exception cref="InputException">The hub has no such adapter or cannot be reached, a file is not what its hash
    /// says, the disk is too small, or the adapter is not in the cache and the hub may not be asked.</exception>
    public Task<string> GetAdapterAsync(
        HubReference reference,
        IProgress<TaskProgress>? progress = null,
        CancellationToken cancellationToken = default
    ) => GetAsync(reference, HubSelection.ChooseAdapter, progress, cancellationToken);

    private async Task<string> GetAsync(
        HubReference reference,
        Func<HubReference, HubSnapshot, IReadOnlyList<HubFile>> choose,
        IProgress<TaskProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(reference);
        var cache = new HubCache(options.CacheFolder, reference.Repository);
        if (options.Offline)
            return Cached(reference, choose, cache);
        using var client = new HubClient(options);
        try
        {
            var snapshot = await Retry()
                .ExecuteAsync(
                    async token => await client.ListAsync(reference, token).ConfigureAwait(false),
                    cancellationToken
                )
                .ConfigureAwait(false);
            var files = choose(reference, snapshot);
            using var held = await LockFile.WaitAsync(cache.LockFolder, cancellationToken).ConfigureAwait(false);
            var job = new HubDownload(client, reference, snapshot.Commit, cache);
            var missing = files.Where(file => !File.Exists(cache.Blob(file))).Sum(file => file.Bytes);
            RequireRoom(missing);
            _logger.ModelListed(
                reference.Repository,
                snapshot.Commit,
                files.Count,
                files.Sum(file => file.Bytes),
                missing
            );
            await BringAsync(job, files, progress, cancellationToken).ConfigureAwait(false);
            cache.Remember(reference.Revision, snapshot.Commit);
            _logger.ModelReady(reference.Repository, snapshot.Commit);
            return PathOf(cache.Snapshot(snapshot.Commit), files.Select(file => file.Name));
        }
        catch (Exception error) when (IsTransient(error) && !cancellationToken.IsCancellationRequested)
        {
            throw new InputException(
                $"{reference}: {options.Endpoint.Host} could not be reached: {error.Message.ReplaceLineEndings(" ")} "
                    + "With HF_HUB_OFFLINE=1 a model that is in the cache is used without asking.",
                error
            );
        }
    }

    private async Task BringAsync(
        HubDownload job,
        IReadOnlyList<HubFile> files,
        IProgress<TaskProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var (total, before) = (files.Sum(file => file.Bytes), 0L);
        foreach (var file in files)
        {
            var start = before;
            var bytes = new Progress(done => progress?.Report(new(file.Name, start + done, total, "bytes")));
            await Retry()
                .ExecuteAsync(
                    async token => await job.BringAsync(file, bytes, token).ConfigureAwait(false),
                    cancellationToken
                )
                .ConfigureAwait(false);
            before += file.Bytes;
        }
    }

    private void RequireRoom(long needed)
    {
        Directory.CreateDirectory(options.CacheFolder);
        var free = new DriveInfo(Path.GetFullPath(options.CacheFolder)).AvailableFreeSpace;
        if (needed > free)
            throw new InputException(
                $"{options.CacheFolder}: {needed} bytes are needed and {free} are free; HF_HOME names another place."
            );
    }

    private string Cached(
        HubReference reference,
        Func<HubReference, HubSnapshot, IReadOnlyList<HubFile>> choose,
        HubCache cache
    )
    {
        var folder = cache.Commit(reference.Revision) is { } commit ? cache.Snapshot(commit) : null;
        if (folder is null || !Directory.Exists(folder))
            throw new InputException(
                $"{reference}: is not in the cache '{options.CacheFolder}', and HF_HUB_OFFLINE forbids to ask the hub."
            );
        var names = Directory
            .EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(folder, path).Replace(Path.DirectorySeparatorChar, '/'))
            .Where(HubNames.IsInside)
            .Select(name => new HubFile(name, 0, ""))
            .ToArray();
        return PathOf(folder, choose(reference, new("", names)).Select(file => file.Name));
    }

    private static string PathOf(string folder, IEnumerable<string> names)
    {
        var first = names.Order(StringComparer.Ordinal).First();
        return first.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase)
            ? Path.Combine(folder, first.Replace('/', Path.DirectorySeparatorChar))
            : folder;
    }

    private ResiliencePipeline Retry() => Retries.Times(options.Attempts, options.RetryDelay, IsTransient, _logger);

    private static bool IsTransient(Exception error) =>
        error switch
        {
            HttpRequestException { StatusCode: { } status } => (int)status >= 500
                || status is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout,
            HttpRequestException or TimeoutException => true,
            IOException => error is HttpIOException,
            _ => false,
        };

    private sealed class Progress(Action<long> report) : IProgress<long>
    {
        public void Report(long value) => report(value);
    }
}
