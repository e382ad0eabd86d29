using System.Text.Json;
using Zoetrope.Server;
using Zoetrope.Server.Providers;
using Zoetrope.Tests.Artifacts.Media;
using Zoetrope.Tests.Catalog;

namespace Zoetrope.Tests.Providers.Conformance;

/// <summary>Requests as the driver hands them to an adapter, for tests of what the driver cannot bring about at will.</summary>
internal static class AdapterRequests
{
    /// <summary>The shortest request of a model on a vendor's route, with these parameters more.</summary>
    public static ProviderRequest Of(FakeVendor vendor, TimeProvider time, string model, string prompt = "a red fox", Uri? callback = null, params (string Name, string Json)[] more)
    {
        var spec = Ask.Catalog.Find(model)!;
        var resolved = Ask.Resolved(Ask.Smallest(spec, more));
        using var parameters = JsonDocument.Parse(resolved.Parameters);
        return new ProviderRequest
        {
            AttemptId = Ids.New(Ids.Attempt, time),
            Route = spec.Routes.First(route => route.Provider == vendor.Provider),
            Key = new ProviderKey(vendor.Key),
            CallbackUrl = callback,
            Model = spec.Id,
            Mode = spec.Mode,
            Prompt = prompt,
            Parameters = parameters.RootElement.Clone(),
            Inputs = [.. resolved.Inputs.Select(Input)],
            Output = Ask.Price(resolved, Ask.Video(1280, 720, 5)).Value.Output,
            IntendedAt = time.GetUtcNow(),
        };
    }

    /// <summary>Without public addresses, as on a server that has none.</summary>
    private static ProviderInput Input(InputReference input) => input.Kind switch
    {
        InputKind.Video => new ProviderInput(input.Parameter, TestMedia.Video(320, 240, 2), "video/mp4"),
        InputKind.Audio => new ProviderInput(input.Parameter, TestMedia.Mp3, "audio/mpeg"),
        _ => new ProviderInput(input.Parameter, TestMedia.Image(64, 48), "image/png"),
    };
}
