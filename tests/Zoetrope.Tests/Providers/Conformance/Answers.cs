using System.Net;
using System.Text;
using Zoetrope.Server.Providers;

namespace Zoetrope.Tests.Providers.Conformance;

/// <summary>A vendor's answer as the client reads it off the wire.</summary>
internal static class Answers
{
    public static VendorAnswer Of(int status, string json)
    {
        using var response = new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        return VendorAnswer.ReadAsync(response, null, TimeProvider.System, CancellationToken.None).GetAwaiter().GetResult();
    }
}
