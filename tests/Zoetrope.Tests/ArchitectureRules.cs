using System.Text.RegularExpressions;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests;

/// <summary>The rules of the layout as functions of the sources; each returns one line per violation.</summary>
internal static class ArchitectureRules
{
    /// <summary>Room → the rooms it may see. Everything may see the root values and the wire contracts; a sub-folder named here is a room of its own.</summary>
    public static readonly IReadOnlyDictionary<string, string[]> MaySee = new Dictionary<string, string[]>
    {
        ["Storage"] = [],
        ["Egress"] = [],
        ["Catalog/Routes"] = [],
        ["Providers"] = ["Egress", "Catalog/Routes"],

        // A vendor of our own: where others have data centres, it has our database and store.
        ["Providers/Sandbox"] = ["Providers", "Catalog/Routes", "Artifacts", "Storage"],
        ["Audit"] = ["Storage"],
        ["Ledger"] = ["Audit", "Storage"],
        ["Accounts"] = ["Audit", "Storage"],
        ["Budgets"] = ["Accounts", "Events", "Audit", "Storage"],
        ["People"] = ["Accounts", "Audit", "Storage"],
        ["Vouchers"] = ["People", "Accounts", "Ledger", "Audit", "Storage"],
        ["Operator"] = ["Budgets", "People", "Accounts", "Ledger", "Events", "Audit", "Storage"],
        ["Catalog"] = ["Storage", "Catalog/Routes"],
        ["Artifacts"] = ["Egress", "Storage"],
        ["Events"] = ["Egress", "Audit", "Storage"],
        ["Admission"] = ["Budgets", "Accounts", "Catalog", "Catalog/Routes", "Providers", "Artifacts", "Ledger", "Events", "Egress", "Audit", "Storage"],
        ["Generations"] = ["Budgets", "Admission", "Accounts", "Catalog", "Catalog/Routes", "Providers", "Artifacts", "Ledger", "Events", "Audit", "Storage"],
        ["Usage"] = ["Generations", "Admission", "Events", "Ledger", "Storage"],
        ["Doors"] = ["Usage", "Vouchers", "Budgets", "Operator", "People", "Generations", "Admission", "Accounts", "Catalog", "Providers", "Artifacts", "Ledger", "Events", "Egress", "Audit", "Storage"],
        ["Studio"] = ["Generations", "Admission", "Accounts", "Catalog", "Artifacts", "Ledger", "Events", "Storage"],
        ["Hosting"] = ["Usage", "Vouchers", "Budgets", "Doors", "Studio", "Operator", "People", "Generations", "Admission", "Accounts", "Catalog", "Catalog/Routes", "Providers", "Artifacts", "Ledger", "Events", "Egress", "Audit", "Storage"],
    };

    /// <summary>Values of one folder that another needs and that carry no behaviour.</summary>
    private static readonly IReadOnlyDictionary<(string From, string To), string[]> Values = new Dictionary<(string, string), string[]>
    {
        // The catalogue derives the exact shape of the wanted result, and ingest holds a result against it.
        [("Catalog", "Providers")] = ["OutputSpec"],
        [("Artifacts", "Providers")] = ["OutputSpec", "ProviderOutput"],
    };

    // A middleware, the writer of refusals and what it writes with, and the SDK's hook: none of them can have parameters.
    private static readonly string[] MayLocate =
        ["Doors/OAuth/OAuthFeature.cs", "Doors/Mcp/McpFeature.cs", "Doors/Shared/ProblemResponse.cs", "Doors/Shared/OAuthAddress.cs", "Doors/Shared/RateHeaders.cs"];

    private const int Widest = 140;

    private const string SharedDoor = "Shared";

    private static readonly string[] Networking =
        ["SocketsHttpHandler", "HttpClientHandler", "Socket", "TcpClient", "TcpListener", "UdpClient", "NetworkStream", "ClientWebSocket", "Dns", "WebRequest", "WebClient", "SmtpClient", "Ping"];

    // Who besides Egress may, and why.
    private static readonly string[] MayUseNetworking =
    [
        // Orleans has to be told a port and an address: what is free, and which way leads to the database, only a socket says.
        "Hosting/Cluster/Node.cs",

        // The demo is a client in a process of its own that talks to the server it has just started.
        "Hosting/Commands/DemoClient.cs",

        // SMTP is not HTTP, and its one server is the operator's own, wherever that is.
        "People/Mail/Mailer.cs",
    ];

    private static readonly string[] MayStartProcesses = ["Artifacts/", "Providers/Sandbox/"];

    public static IEnumerable<string> Dependencies(IReadOnlyList<SourceFile> sources)
    {
        var typesOf = sources.Where(file => file.Folder.Length > 0)
            .SelectMany(file => file.TopLevelTypes.Select(type => (type, Room: RoomOf(file))))
            .ToLookup(pair => pair.Room, pair => pair.type);
        foreach (var file in sources.Where(file => file.Folder.Length > 0))
        {
            var room = RoomOf(file);
            if (!MaySee.TryGetValue(room, out var allowed))
            {
                yield return $"{file.Path}: the folder {file.Folder} has no place in the dependency direction";
                continue;
            }

            foreach (var seen in MaySee.Keys.Where(other => other != room && !allowed.Contains(other)))
            {
                var types = typesOf[seen].Distinct().Where(type => !(Values.GetValueOrDefault((room, seen))?.Contains(type) ?? false)).ToList();
                var mayImport = Values.ContainsKey((room, seen));
                if (Regex.IsMatch(file.Code, $@"\bZoetrope\.Server\.{Namespace(seen)}") && !(mayImport && !Mentions(file, types)))
                {
                    yield return $"{file.Path} sees {seen}";
                }
                else if (types.Count > 0 && Regex.IsMatch(file.Code, $@"(?<![\w.]){seen.Replace("/", @"\.", StringComparison.Ordinal)}\.({string.Join('|', types)})\b"))
                {
                    yield return $"{file.Path} sees {seen}";
                }
            }
        }
    }

    /// <summary>A vendor's folder sees no other vendor's; Google's two share what lies in <c>Providers/Google</c>.</summary>
    public static IEnumerable<string> Vendors(IReadOnlyList<SourceFile> sources)
    {
        var folders = sources.Select(file => VendorOf(file.Path)).OfType<string>().Distinct().ToList();
        var typesOf = sources.Where(file => VendorOf(file.Path) is not null)
            .SelectMany(file => file.TopLevelTypes.Select(type => (Vendor: VendorOf(file.Path)!, type))).ToLookup(pair => pair.Vendor, pair => pair.type);
        return from file in sources
               let vendor = VendorOf(file.Path)
               where vendor is not null
               from other in folders
               where other != vendor && !(other == "Google" && vendor is "Gemini" or "Vertex")
               where Regex.IsMatch(file.Code, $@"\bProviders\.{other}\b|(?<![\w.])({string.Join('|', typesOf[other])})\b")
               select $"{file.Path} sees {other}";
    }

    // What all vendors use lies in Providers itself and in Calls.
    private static string? VendorOf(string path) =>
        path.Split('/') is ["Providers", not "Calls" and var vendor, _, ..] ? vendor : null;

    /// <summary>A door sees what doors share and no other door; what they share, and what stands beside it, sees no door.</summary>
    public static IEnumerable<string> Doors(IReadOnlyList<SourceFile> sources)
    {
        var doors = sources.Where(file => DoorOf(file) is not null).ToLookup(file => DoorOf(file)!, file => file);
        foreach (var file in sources.Where(file => file.Folder == "Doors"))
        {
            foreach (var door in doors.Select(group => group.Key).Where(door => door != SharedDoor && door != DoorOf(file)))
            {
                var types = string.Join('|', doors[door].SelectMany(other => other.TopLevelTypes).Distinct());
                if (Regex.IsMatch(file.Code, $@"\bZoetrope\.Server\.Doors\.{door}\b|(?<![\w.])(?:Doors\.)?{door}\.(?:{types})\b"))
                {
                    yield return $"{file.Path} sees the door {door}";
                }
            }
        }
    }

    private static string? DoorOf(SourceFile file) => file.Path.Split('/') is ["Doors", var door, _, ..] ? door : null;

    /// <summary>Endpoints take what they need as parameters. Only what is no endpoint asks the request for it.</summary>
    public static IEnumerable<string> Locators(IReadOnlyList<SourceFile> sources) =>
        from file in sources
        where file.Folder == "Doors" && !MayLocate.Contains(file.Path) && Regex.IsMatch(file.Code, @"\bRequestServices\b")
        select $"{file.Path} fetches its dependencies from the request";

    /// <summary>Where a type lives is what it is called.</summary>
    public static IEnumerable<string> Namespaces(IReadOnlyList<SourceFile> sources) =>
        from file in sources
        let folder = file.Path.Contains('/', StringComparison.Ordinal) ? "." + file.Path[..file.Path.LastIndexOf('/')].Replace('/', '.') : ""
        from match in Regex.Matches(file.Code, @"^namespace\s+([\w.]+)", RegexOptions.Multiline)
        where match.Groups[1].Value != "Zoetrope.Server" + folder
        select $"{file.Path} is in the namespace {match.Groups[1].Value}";

    /// <summary>A sixth dependency is a second class; grains and adapters have one more for their framework or vendor. Records hold values.</summary>
    public static IEnumerable<string> Constructors(IReadOnlyList<SourceFile> sources) =>
        from file in sources
        from match in Regex.Matches(file.Code, @"(?<!\brecord\s)\b(?:class|struct)\s+(?<type>[A-Z]\w*)(?:<[^>(]*>)?\((?<list>(?:[^()]|\((?:[^()]|\([^()]*\))*\))*)\)"
            + @"|^\s*(?:public|internal|protected|private)\s+(?<type>[A-Z]\w*)\((?<list>(?:[^()]|\((?:[^()]|\([^()]*\))*\))*)\)\s*(?::|\{|=>)", RegexOptions.Multiline)
        let type = match.Groups["type"].Value
        let count = Parameters(match.Groups["list"].Value)
        where count > (Regex.IsMatch(type, "(Grain|Adapter)$") ? 6 : 5)
        select $"{file.Path}: the constructor of {type} has {count} parameters";

    private static int Parameters(string list)
    {
        var (depth, count) = (0, list.Trim().Length == 0 ? 0 : 1);
        foreach (var c in list)
        {
            depth += c is '<' or '(' or '[' ? 1 : c is '>' or ')' or ']' ? -1 : 0;
            count += c is ',' && depth == 0 ? 1 : 0;
        }

        return count;
    }

    /// <summary>Lines that do not fit on a screen: at most one in two hundred.</summary>
    public static IEnumerable<string> Widths(IReadOnlyList<SourceFile> sources) =>
        from folder in sources.GroupBy(file => file.Folder)
        let wide = folder.SelectMany(file => file.Text.Split('\n').Select((line, number) => (file.Path, Number: number + 1, line.Length)).Where(line => line.Length > Widest)).ToList()
        where wide.Count > folder.Sum(file => file.Text.Count(c => c == '\n')) / 200
        from line in wide
        select $"{line.Path}:{line.Number} has {line.Length} characters";

    private static string RoomOf(SourceFile file) =>
        MaySee.Keys.Where(room => room.Contains('/', StringComparison.Ordinal) && file.Path.StartsWith(room + "/", StringComparison.Ordinal)).FirstOrDefault(file.Folder);

    // A room inside another has a namespace that begins like the other's.
    private static string Namespace(string room)
    {
        var inner = MaySee.Keys.Where(other => other.StartsWith(room + "/", StringComparison.Ordinal)).Select(other => other[(room.Length + 1)..]).ToList();
        return room.Replace("/", @"\.", StringComparison.Ordinal) + @"\b" + (inner.Count == 0 ? "" : $@"(?!\.({string.Join('|', inner)})\b)");
    }

    public static IEnumerable<string> Connections(IReadOnlyList<SourceFile> sources) =>
        from file in sources
        where file.Folder != "Egress" && !MayUseNetworking.Contains(file.Path)
        from match in Regex.Matches(file.Code, $@"(?<![\w.])(?:System\.Net\.(?:\w+\.)*)?(?:{string.Join('|', Networking)})(?![\w])(?!\s*[:=,)])|\bnew HttpClient\b|\bHttpClient\??\s+\w+\s*=\s*new\b")
        select $"{file.Path}: {match.Value.Trim()}";

    public static IEnumerable<string> Processes(IReadOnlyList<SourceFile> sources) =>
        from file in sources
        where !MayStartProcesses.Any(prefix => file.Path.StartsWith(prefix, StringComparison.Ordinal))
        from match in Regex.Matches(file.Code, @"\bProcessStartInfo\b|\bProcess\.Start\b|\bnew (?:System\.Diagnostics\.)?Process\b|\bnew WorkerProcess\b")
        select $"{file.Path}: {match.Value}";

    public static IEnumerable<string> Sizes(IReadOnlyList<SourceFile> sources) =>
        from file in sources
        let lines = file.Text.Count(c => c == '\n')
        where lines > 400
        select $"{file.Path} has {lines} lines; find the second noun hiding in it";

    public static IEnumerable<string> Names(IReadOnlyList<SourceFile> sources) =>
        from file in sources
        from type in file.DeclaredTypes
        where Regex.IsMatch(type, "(Manager|Helper|Helpers|Util|Utils|Utility|Service|Data|Info)$") || type == file.Folder
        select $"{file.Path}: {type} says nothing, or is named like its folder";

    public static IEnumerable<string> OpenClasses(IReadOnlyList<SourceFile> sources)
    {
        var bases = sources.SelectMany(file => Regex.Matches(file.Code, @"\bclass\s+\w+(?:<[^>]*>)?(?:\([^{;]*?\))?\s*:\s*([A-Z]\w*)").Select(match => match.Groups[1].Value)).ToHashSet();
        return from file in sources
               from match in Regex.Matches(file.Code, @"^[ \t]*((?:(?:public|internal|private|protected|file|static|sealed|abstract|partial|readonly|unsafe|new)\s+)*)(record\s+class|record(?!\s+struct)|class)\s+([A-Z]\w*)", RegexOptions.Multiline)
               let modifiers = match.Groups[1].Value
               where !Regex.IsMatch(modifiers, @"\b(sealed|abstract|static)\b") && !bases.Contains(match.Groups[3].Value)
               select $"{file.Path}: {match.Groups[3].Value} is neither sealed nor abstract and nothing derives from it";
    }

    public static IEnumerable<string> Floats(IReadOnlyList<SourceFile> sources) =>
        from file in sources
        where file.Folder == "Ledger"
        from match in Regex.Matches(file.Code, @"\b(double|float|decimal|Half|Double|Single|Decimal)\b|\b\d+\.\d+")
        select $"{file.Path}: {match.Value}";

    public static IEnumerable<string> Unfinished(IReadOnlyList<SourceFile> sources) =>
        from file in sources
        from line in file.Text.Split('\n')
        where Regex.IsMatch(line, @"\b(TODO|FIXME|HACK|XXX)\b|NotImplementedException")
        select $"{file.Path}: {line.Trim()}";

    private static bool Mentions(SourceFile file, IReadOnlyList<string> types) =>
        types.Count > 0 && Regex.IsMatch(file.Code, $@"(?<![\w.])({string.Join('|', types)})\b");
}
