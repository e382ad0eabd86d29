namespace Zoetrope.Server.Hosting;

/// <summary>What a start prints: little, and on the first start everything a newcomer needs for the first picture.</summary>
internal static class Banner
{
    public static void Print(TextWriter output, string url, string dataDirectory, FirstWords first)
    {
        output.WriteLine($"Zoetrope  {url}   docs {url}/docs   data {dataDirectory}");
        if (first.Key is { } firstKey)
        {
            output.WriteLine($$$"""

                First start. This test key renders with the built-in sandbox and spends test credits only.
                It is shown once and kept in {{{Path.Combine(dataDirectory, "first-key.txt")}}}:

                  {{{firstKey}}}

                Try it:

                  curl -s {{{url}}}/api/v1/generate -H 'Authorization: Bearer {{{firstKey}}}' -H 'Content-Type: application/json' \
                    -d '{"model":"seedance-2-0-text-to-video","prompt":"A red fox runs through snow at sunset","options":{"duration":10,"aspectRatio":"16:9"}}'

                or, with the file saved for you:

                  {{{Variables(url, dataDirectory)}}}./run demo "A red fox runs through snow at sunset"

                """);
        }

        if (first.Account is { } account)
        {
            output.WriteLine($$"""

                This database has no API key yet, and one account: {{account}}. Its test credits pay for the built-in sandbox.
                Make its first key with this server's variables set. It works at every node and is shown once:

                  {{Variables(url, dataDirectory)}}./run key create --account {{account}} --mode test

                Then, with that key in ZOETROPE_API_KEY:

                  {{Variables(url, dataDirectory)}}./run demo "A red fox runs through snow at sunset"

                """);
        }

        if (first.IsUnknown)
        {
            output.WriteLine(
                "Zoetrope__Bootstrap__Key is no key of this database: it had others already. Make one with ./run key create.");
        }

        if (first.Welcome is { } welcome)
        {
            output.WriteLine($"Nobody runs this server yet. Open this link within 24 hours, once, to be its operator:  {welcome}");
        }

        output.WriteLine("ready");
        output.Flush();
    }

    // The other terminal knows neither: without them the demo would look for a server at the default address and for its key in ./data.
    private static string Variables(string url, string dataDirectory) =>
        (url == HostSettings.DefaultUrls ? "" : $"ZOETROPE_URLS={url} ")
        + (dataDirectory == Path.GetFullPath("data") ? "" : $"ZOETROPE_DATA={Quoted(dataDirectory)} ");

    private static string Quoted(string path) => path.All(static c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '_' or '-')
        ? path
        : $"'{path.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
