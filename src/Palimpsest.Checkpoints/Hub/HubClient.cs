using System.Net;
using System.Net.Http.Headers;

namespace Palimpsest.Checkpoints;

/// <summary>The two questions that are put to a hub: what a repository holds, and the bytes of a file.</summary>
internal sealed class HubClient : IDisposable
{
    private const long MostListingBytes = 64 << 20;
    private const int MostRedirects = 10;

    private readonly HubOptions _options;
    private readonly HttpClient _http;

    /// <summary>A client.</summary>
    public HubClient(HubOptions options)
    {
        _options = options;
        var handler = new SocketsHttpHandler
        {
            // Followed by hand: the token must not reach the hosts that the hub forwards to.
            AllowAutoRedirect = false,
            ConnectTimeout = TimeSpan.FromSeconds(30),
        };
        _http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.UserAgent.ParseAdd("palimpsest");
    }

    /// <summary>The files of a repository at a revision.</summary>
    /// <exception cref="InputException">The hub has no such model or asks for a token, or its answer is
    /// malformed.</exception>
    /// <exception cref="HttpRequestException">The hub cannot be reached or fails.</exception>
    public async Task<HubSnapshot> ListAsync(HubReference reference, CancellationToken cancellationToken)
    {
        var revision = Uri.EscapeDataString(reference.Revision);
        var address = Address($"api/models/{reference.Repository}/revision/{revision}?blobs=true");
        using var response = await SendAsync(address, 0, cancellationToken).ConfigureAwait(false);
        Require(response, reference);
        if (response.Content.Headers.ContentLength > MostListingBytes)
            throw new InputException($"{address}: the answer has more than {MostListingBytes} bytes.");
        await response.Content.LoadIntoBufferAsync(MostListingBytes, cancellationToken).ConfigureAwait(false);
        var bytes = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        return Read(JsonField.Parse(address.ToString(), bytes));
    }

    /// <summary>A file's bytes from an offset on, or all of them where the hub does not know offsets.</summary>
    /// <exception cref="InputException">There is no such file, or a token is needed.</exception>
    /// <exception cref="HttpRequestException">The hub cannot be reached or fails.</exception>
    public async Task<HttpResponseMessage> OpenAsync(
        HubReference reference,
        string commit,
        HubFile file,
        long offset,
        CancellationToken cancellationToken
    )
    {
        var name = string.Join('/', file.Name.Split('/').Select(Uri.EscapeDataString));
        var address = Address($"{reference.Repository}/resolve/{commit}/{name}");
        var response = await SendAsync(address, offset, cancellationToken).ConfigureAwait(false);
        try
        {
            Require(response, reference);
            return response;
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private Uri Address(string path) => new($"{_options.Endpoint.ToString().TrimEnd('/')}/{path}");

    private async Task<HttpResponseMessage> SendAsync(Uri address, long offset, CancellationToken cancellationToken)
    {
        for (var hop = 0; hop <= MostRedirects; hop++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            if (offset > 0)
                request.Headers.Range = new RangeHeaderValue(offset, null);
            if (_options.Token is { } token && IsHub(address))
                request.Headers.Authorization = new("Bearer", token);
            var response = await _http
                .SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken)
                .ConfigureAwait(false);
            if ((int)response.StatusCode is < 300 or >= 400 || response.Headers.Location is not { } target)
                return response;
            response.Dispose();
            var next = new Uri(address, target);
            if (next.Scheme != Uri.UriSchemeHttps && next.Scheme != address.Scheme)
                throw new InputException($"{address}: the hub forwards to '{next.Scheme}'; allowed is https.");
            address = next;
        }

        throw new InputException($"{address}: the hub forwards more than {MostRedirects} times.");
    }

    private bool IsHub(Uri address) =>
        Uri.Compare(
            address,
            _options.Endpoint,
            UriComponents.SchemeAndServer,
            UriFormat.Unescaped,
            StringComparison.OrdinalIgnoreCase
        ) == 0;

    private void Require(HttpResponseMessage response, HubReference reference)
    {
        switch (response.StatusCode)
        {
            case HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.NotFound:
                var hint = _options.Token is null
                    ? "private and gated models need a token in HF_TOKEN"
                    : "the token may lack access, or the model's terms were not accepted";
                throw new InputException(
                    $"{reference}: {_options.Endpoint.Host} has no such model, revision or file "
                        + $"({(int)response.StatusCode}); {hint}."
                );
            case HttpStatusCode.RequestedRangeNotSatisfiable:
                return;
            default:
                response.EnsureSuccessStatusCode();
                return;
        }
    }

    private static HubSnapshot Read(JsonField root)
    {
        var commit = root["sha"].AsString();
        if (!HubNames.IsHash(commit, 20))
            throw root["sha"].Error($"{JsonField.Shown(commit)} is not a commit of 40 hexadecimal digits.");
        var files = root["siblings"].Elements().Select(ReadFile).ToArray();
        return new(commit, files);
    }

    private static HubFile ReadFile(JsonField file)
    {
        var name = file["rfilename"].AsString();
        if (!HubNames.IsInside(name))
            throw file["rfilename"].Error($"{JsonField.Shown(name)} leaves the model's folder.");
        var large = file["lfs"];
        var (hash, size) = large.IsNull ? (file["blobId"], file["size"]) : (large["sha256"], large["size"]);
        var digits = hash.AsString();
        if (!HubNames.IsHash(digits, large.IsNull ? 20 : 32))
            throw hash.Error($"{JsonField.Shown(digits)} is not a hash.");
        var bytes = size.AsNumber();
        if (bytes < 0 || bytes > 1e15)
            throw size.Error($"{bytes} is not a size in bytes.");
        return new(name, (long)bytes, digits);
    }
}
