using System.Text.Json;
using Zoetrope.Server.Admission;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Catalog.Routes;
using Zoetrope.Server.Providers;

namespace Zoetrope.Server.Generations.Driving;

/// <summary>Routing asked for a generation that already runs.</summary>
internal static class GenerationRoutes
{
    extension(Routing routing)
    {
        /// <summary>The next route that can honour the request; null where there is none.</summary>
        /// <param name="model">The model as the catalogue has it now; null where it is gone.</param>
        /// <param name="generation">What runs.</param>
        /// <param name="openOnly">Whether a provider that may not be asked now is no route.</param>
        public RouteChoice? After(ModelSpec? model, Generation generation, bool openOnly = false)
        {
            if (model is null || generation.Mode is KeyMode.Test)
            {
                return null;
            }

            using var parameters = JsonDocument.Parse(generation.Parameters);
            var files = GenerationJson.Inputs(generation).Select(input => (input.Parameter, KindOf(input)));
            var wanted = RouteRequest.Of(generation.Prompt, parameters.RootElement, files, publicAddress: false) with
            {
                KeepsAlpha = model.Output.KeepsAlpha(GenerationJson.Output(generation)),
            };
            return routing.Next(model, generation.Route, wanted, openOnly);
        }

        /// <summary>The route that a generation runs on; the sandbox takes our own words.</summary>
        public static RouteSpec RouteOf(ModelSpec? model, Generation generation) =>
            generation.Provider == ProviderRegistry.Sandbox || model is null || generation.Route >= model.Routes.Length
                ? RouteSpec.InOurWords(generation.Provider, generation.Model)
                : model.Routes[generation.Route];
    }

    private static InputKind KindOf(GenerationInput input) =>
        input.ContentType.StartsWith("video/", StringComparison.Ordinal) ? InputKind.Video
        : input.ContentType.StartsWith("audio/", StringComparison.Ordinal) ? InputKind.Audio
        : InputKind.Image;
}
