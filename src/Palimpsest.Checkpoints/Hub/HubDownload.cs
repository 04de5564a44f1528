using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace Palimpsest.Checkpoints;

/// <summary>Brings one file at a time: what came stays as HASH.incomplete until all of it hashes to its name.</summary>
internal sealed class HubDownload(HubClient client, HubReference reference, string commit, HubCache cache)
{
    private const int BufferBytes = 1 << 20;

    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(60);

    /// <summary>Brings a file, unless the cache has it, and links it into the snapshot.</summary>
    /// <exception cref="InputException">Its content is not what its hash says.</exception>
    /// <exception cref="HttpRequestException">The connection broke; another call goes on from there.</exception>
    public async Task BringAsync(HubFile file, IProgress<long> progress, CancellationToken cancellationToken)
    {
        var blob = cache.Blob(file);
        if (!File.Exists(blob))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(blob)!);
            var partial = blob + ".incomplete";
            await ContinueAsync(file, partial, progress, cancellationToken).ConfigureAwait(false);
            File.Move(partial, blob);
        }

        progress.Report(file.Bytes);
        cache.Link(commit, file);
    }

    private async Task ContinueAsync(
        HubFile file,
        string partial,
        IProgress<long> progress,
        CancellationToken cancellationToken
    )
    {
        using var hash = Start(file);
        await using var output = new FileStream(partial, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        if (output.Length > file.Bytes)
            output.SetLength(0);
        await HashAsync(output, hash, cancellationToken).ConfigureAwait(false);
        if (output.Length < file.Bytes || file.Bytes == 0)
            await ReceiveAsync(file, output, hash, progress, cancellationToken).ConfigureAwait(false);
        var found = Convert.ToHexStringLower(hash.GetHashAndReset());
        if (found == file.Hash)
            return;
        output.SetLength(0);
        throw new InputException(
            $"{reference}: '{file.Name}' hashes to {found}; the hub says {file.Hash}. What came is thrown away."
        );
    }

    private async Task ReceiveAsync(
        HubFile file,
        FileStream output,
        IncrementalHash hash,
        IProgress<long> progress,
        CancellationToken cancellationToken
    )
    {
        using var response = await client
            .OpenAsync(reference, commit, file, output.Length, cancellationToken)
            .ConfigureAwait(false);
        var continued =
            response.StatusCode == HttpStatusCode.PartialContent
            && response.Content.Headers.ContentRange?.From == output.Length;
        if (!continued && output.Length > 0)
        {
            output.SetLength(0);
            throw new HttpRequestException($"'{file.Name}' cannot be continued and is brought from its start.");
        }

        await using var input = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var buffer = new byte[BufferBytes];
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        while (true)
        {
            silence.CancelAfter(LongestSilence);
            var count = await ReadAsync(input, buffer, silence.Token, cancellationToken).ConfigureAwait(false);
            if (count == 0)
                break;
            if (output.Length + count > file.Bytes)
                throw new InputException($"{reference}: '{file.Name}' has more than the {file.Bytes} bytes it claims.");
            hash.AppendData(buffer, 0, count);
            await output.WriteAsync(buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
            progress.Report(output.Length);
        }

        if (output.Length < file.Bytes)
            throw new HttpRequestException($"'{file.Name}' ended after {output.Length} of {file.Bytes} bytes.");
    }

    private static async Task<int> ReadAsync(
        Stream input,
        byte[] buffer,
        CancellationToken silence,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await input.ReadAsync(buffer, silence).ConfigureAwait(false);
        }
        catch (OperationCanceledException error) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"Nothing came for {LongestSilence.TotalSeconds} seconds.", error);
        }
    }

    // Git hashes a header with the size before the content.
    private static IncrementalHash Start(HubFile file)
    {
        if (file.IsLarge)
            return IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
        hash.AppendData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"blob {file.Bytes}\0")));
        return hash;
    }

    private static async Task HashAsync(FileStream output, IncrementalHash hash, CancellationToken cancellationToken)
    {
        output.Position = 0;
        var buffer = new byte[BufferBytes];
        while (await output.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is var count and > 0)
            hash.AppendData(buffer, 0, count);
    }
}
