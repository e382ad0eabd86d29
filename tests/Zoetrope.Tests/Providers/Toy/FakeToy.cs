using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Zoetrope.Tests.Fixtures;
using Zoetrope.Tests.Providers.Conformance;

namespace Zoetrope.Tests.Providers.Toy;

/// <summary>The toy works.</summary>
internal sealed class FakeToy : FakeVendor
{
    public override string Provider => "toy";

    protected override void Map(WebApplication app)
    {
        app.MapPost("/toys", context => SubmitAsync(context, Check, static job => VendorReply.Json(new { id = job.Id })));
        app.MapGet("/toys/{id}", (HttpContext context, string id) => PollAsync(
            context,
            id,
            static (job, answer) => VendorReply.Json(new { state = answer is PollAnswer.Succeeded ? "ready" : "working", url = job.Results[0] }),
            VendorReply.Json(new { state = "gone" }, 404)));
    }

    protected override VendorReply Refusal(SubmitFault fault) => VendorReply.Json(new { state = "refused" }, 400);

    private SchemaCheck Check(VendorRequest request) => new()
    {
        Unauthorized = request.Header("Authorization") != $"Bearer {Key}",
        Wrong = request.Json["wish"] is null ? "no wish" : null,
        Prompt = request.Json["wish"]?.GetValue<string>() ?? "",
        Model = request.Json["toy"]?.GetValue<string>() ?? "",
        Shape = SchemaCheck.Image,
    };
}
