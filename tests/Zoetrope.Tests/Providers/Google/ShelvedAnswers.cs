using System.Net;
using Zoetrope.Server.Providers.Calls;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Providers.Google;

/// <summary>Answers as a client with a shelf reads them: media in them is in files.</summary>
internal sealed class ShelvedAnswers : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public ShelvedAnswers() => Shelf = new ResultShelf(_directory.Path, TimeProvider.System);

    public ResultShelf Shelf { get; }

    public async Task<VendorAnswer> OfAsync(int status, string body)
    {
        using var response = new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(body) };
        return await VendorAnswer.ReadAsync(response, Shelf, TimeProvider.System, CancellationToken.None);
    }

    /// <summary>Files that nobody took.</summary>
    public IReadOnlyList<string> Left => Directory.GetFiles(_directory.Path, "*", SearchOption.AllDirectories);

    public void Dispose() => _directory.Dispose();
}
