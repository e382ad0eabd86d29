using System.Net;

namespace Zoetrope.Server.Providers.Calls;

/// <summary>
/// The body of a paid request, and whether any of it was asked for. As long as it was not, no vendor can have taken the job,
/// whatever broke: a name, a connection, a certificate, a header that cannot be written.
/// </summary>
internal sealed class WatchedContent : HttpContent
{
    private readonly HttpContent _inner;

    public WatchedContent(HttpContent inner)
    {
        _inner = inner;
        foreach (var (name, values) in inner.Headers)
        {
            Headers.TryAddWithoutValidation(name, values);
        }
    }

    public bool HasBegun { get; private set; }

    protected override bool TryComputeLength(out long length)
    {
        length = _inner.Headers.ContentLength ?? 0;
        return _inner.Headers.ContentLength is not null;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (SubmitFence.Current is { HasPassed: true })
        {
            throw new FencedSubmitException();
        }

        HasBegun = true;
        return _inner.CopyToAsync(stream, context, cancellationToken);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
