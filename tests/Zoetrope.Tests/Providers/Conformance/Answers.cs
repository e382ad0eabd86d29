using System.Net;
using System.Text;
using Zoetrope.Server.Providers.Calls;

namespace Zoetrope.Tests.Providers.Conformance;

/// <summary>A vendor's answer as the client reads it off the wire.</summary>
internal static class Answers
{
    public static async Task<VendorAnswer> OfAsync(int status, string body, params (string Name, string Value)[] headers)
    {
        using var response = new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        foreach (var (name, value) in headers)
        {
            response.Headers.TryAddWithoutValidation(name, value);
        }

        return await VendorAnswer.ReadAsync(response, shelf: null, TimeProvider.System, CancellationToken.None);
    }
}
