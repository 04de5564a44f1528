using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Palimpsest.TestKit;

/// <summary>A model hub on this machine: listings, small files, and large files at a second address.</summary>
public sealed class FakeHub : IDisposable
{
    /// <summary>The commit of every repository.</summary>
    public const string Commit = "0123456789abcdef0123456789abcdef01234567";

    private readonly LocalListener _hub;
    private readonly LocalListener _storage;

    /// <summary>Starts both addresses.</summary>
    public FakeHub() => (_storage, _hub) = (new(StoreAsync), new(AnswerAsync));

    /// <summary>The hub's address.</summary>
    public Uri Address => new(_hub.Address);

    /// <summary>Files by "org/name/path"; those that end in .safetensors or .gguf are large.</summary>
    public ConcurrentDictionary<string, byte[]> Files { get; } = new();

    /// <summary>What is sent in the place of a file, by the same name.</summary>
    public ConcurrentDictionary<string, byte[]> Forged { get; } = new();

    /// <summary>The token without which nothing is answered; null for none.</summary>
    public string? Token { get; init; }

    /// <summary>How many more requests for a large file break off in its middle.</summary>
    public int Breaks { get; set; }

    /// <summary>How many more listings fail with 503.</summary>
    public int Failures { get; set; }

    /// <summary>Every request: address, first byte asked for, and whether it had a token.</summary>
    public ConcurrentQueue<(string Path, long From, bool HasToken)> Requests { get; } = new();

    /// <inheritdoc/>
    public void Dispose()
    {
        _hub.Dispose();
        _storage.Dispose();
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        var path = Note(context);
        if (Token is not null && context.Request.Headers["Authorization"] != $"Bearer {Token}")
            await SendAsync(context, HttpStatusCode.Unauthorized, default).ConfigureAwait(false);
        else if (path.StartsWith("api/models/", StringComparison.Ordinal))
            await ListAsync(context, path["api/models/".Length..]).ConfigureAwait(false);
        else if (path.Split("/resolve/") is not [var repository, var rest])
            await SendAsync(context, HttpStatusCode.NotFound, default).ConfigureAwait(false);
        else if (IsLarge(rest))
        {
            var name = $"{repository}/{rest[(Commit.Length + 1)..]}";
            context.Response.Redirect($"{_storage.Address}/{name}");
            context.Response.Close();
        }
        else
            await SendFileAsync(context, $"{repository}/{rest[(Commit.Length + 1)..]}").ConfigureAwait(false);
    }

    private Task StoreAsync(HttpListenerContext context) => SendFileAsync(context, Note(context));

    private async Task ListAsync(HttpListenerContext context, string path)
    {
        if (Failures > 0)
        {
            Failures--;
            await SendAsync(context, HttpStatusCode.ServiceUnavailable, default).ConfigureAwait(false);
            return;
        }

        var repository = path[..path.IndexOf("/revision/", StringComparison.Ordinal)];
        var files = Files.Where(file => file.Key.StartsWith(repository + "/", StringComparison.Ordinal)).ToArray();
        if (files.Length == 0)
        {
            await SendAsync(context, HttpStatusCode.NotFound, default).ConfigureAwait(false);
            return;
        }

        var siblings = files.Select(file => Describe(file.Key[(repository.Length + 1)..], file.Value));
        var json = JsonSerializer.SerializeToUtf8Bytes(new { sha = Commit, siblings });
        await SendAsync(context, HttpStatusCode.OK, json).ConfigureAwait(false);
    }

    private static object Describe(string name, byte[] content) =>
        IsLarge(name)
            ? new
            {
                rfilename = name,
                size = content.Length,
                lfs = new { sha256 = Convert.ToHexStringLower(SHA256.HashData(content)), size = content.Length },
            }
            : new
            {
                rfilename = name,
                size = content.Length,
                blobId = GitHash(content),
            };

    private static string GitHash(byte[] content)
    {
        var header = string.Create(CultureInfo.InvariantCulture, $"blob {content.Length}\0");
        byte[] hashed = [.. Encoding.ASCII.GetBytes(header), .. content];
        return Convert.ToHexStringLower(CryptographicOperations.HashData(HashAlgorithmName.SHA1, hashed));
    }

    private async Task SendFileAsync(HttpListenerContext context, string name)
    {
        if (!Files.TryGetValue(name, out var content))
        {
            await SendAsync(context, HttpStatusCode.NotFound, default).ConfigureAwait(false);
            return;
        }

        content = Forged.GetValueOrDefault(name, content);
        var from = (int)First(context);
        if (from > 0)
            context.Response.Headers["Content-Range"] = $"bytes {from}-{content.Length - 1}/{content.Length}";
        var status = from > 0 ? HttpStatusCode.PartialContent : HttpStatusCode.OK;
        if (!IsLarge(name) || Breaks == 0)
        {
            await SendAsync(context, status, content.AsMemory(from)).ConfigureAwait(false);
            return;
        }

        Breaks--;
        context.Response.StatusCode = (int)status;
        context.Response.ContentLength64 = content.Length - from;
        await context.Response.OutputStream.WriteAsync(content.AsMemory(from, 3)).ConfigureAwait(false);
        await context.Response.OutputStream.FlushAsync().ConfigureAwait(false);
        await Task.Delay(50).ConfigureAwait(false);
        context.Response.Abort();
    }

    private string Note(HttpListenerContext context)
    {
        var path = Uri.UnescapeDataString(context.Request.Url!.AbsolutePath).TrimStart('/');
        Requests.Enqueue((path, First(context), context.Request.Headers["Authorization"] is not null));
        return path;
    }

    private static long First(HttpListenerContext context) =>
        RangeHeaderValue.TryParse(context.Request.Headers["Range"], out var range) ? range.Ranges.First().From ?? 0 : 0;

    private static bool IsLarge(string name) =>
        name.EndsWith(".safetensors", StringComparison.Ordinal) || name.EndsWith(".gguf", StringComparison.Ordinal);

    private static async Task SendAsync(HttpListenerContext context, HttpStatusCode status, ReadOnlyMemory<byte> body)
    {
        context.Response.StatusCode = (int)status;
        context.Response.ContentLength64 = body.Length;
        await context.Response.OutputStream.WriteAsync(body).ConfigureAwait(false);
        context.Response.Close();
    }
}
