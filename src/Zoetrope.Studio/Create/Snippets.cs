using System.Text.Encodings.Web;
using System.Text.Json;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Studio.State;

namespace Zoetrope.Studio.Create;

/// <summary>The request that Make sends, as a program would send it. The key stands in a variable.</summary>
internal static class Snippets
{
    private static readonly StudioJson Pretty = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    public static string Of(string language, Uri server, GenerateRequest request)
    {
        var body = JsonSerializer.Serialize(request, Pretty.GenerateRequest).ReplaceLineEndings("\n");
        var at = server.AbsoluteUri.TrimEnd('/');
        return language switch
        {
            "C#" => $$""""
                using var client = new ZoetropeClient(new("{{at}}"), key);
                var request = JsonSerializer.Deserialize<GenerateRequest>("""
                {{Indented(body, 4)}}
                    """, JsonSerializerOptions.Web)!;
                var task = await client.GenerateAndWaitAsync(request);
                Console.WriteLine(task.Result!.Url);
                """",
            "TypeScript" => $$"""
                const answer = await fetch("{{at}}/api/v1/generate", {
                  method: "POST",
                  headers: {
                    "Authorization": `Bearer ${key}`,
                    "Idempotency-Key": crypto.randomUUID(),
                    "Content-Type": "application/json",
                  },
                  body: JSON.stringify({{Indented(body, 2).TrimStart()}}),
                });
                const { data } = await answer.json();
                """,
            "Python" => $$"""
                import json, os, urllib.request, uuid

                body = json.loads(r'''{{body}}''')
                request = urllib.request.Request(
                    "{{at}}/api/v1/generate",
                    json.dumps(body).encode(),
                    {
                        "Authorization": "Bearer " + os.environ["KEY"],
                        "Idempotency-Key": str(uuid.uuid4()),
                        "Content-Type": "application/json",
                    },
                )
                task = json.load(urllib.request.urlopen(request))["data"]
                """,
            _ => $$"""
                curl {{at}}/api/v1/generate \
                  -H "Authorization: Bearer $KEY" \
                  -H "Idempotency-Key: $(uuidgen)" \
                  -H 'Content-Type: application/json' \
                  -d '{{body.Replace("'", @"'\''", StringComparison.Ordinal)}}'
                """,
        };
    }

    private static string Indented(string text, int by) => string.Join('\n', text.Split('\n').Select(line => new string(' ', by) + line));
}
