using System.CommandLine;
using Zoetrope.Cli.Logins;
using Zoetrope.Cli.Media;
using Zoetrope.Client;

namespace Zoetrope.Cli;

/// <summary>One run of one command: its arguments, the terminal, and the server once something is asked of it.</summary>
internal sealed class Invocation : IDisposable
{
    private readonly Lazy<Connection> _connection;
    private readonly Lazy<WireLog> _wire;
    private readonly Lazy<LoginHandler> _login;
    private readonly List<IDisposable> _clients = [];

    private Invocation(ParseResult parsed, Interruption interruption)
    {
        (Parsed, Interruption) = (parsed, interruption);
        Terminal = new Terminal(parsed.GetValue(Json), parsed.GetValue(Verbose));
        _connection = new Lazy<Connection>(() => Connection.Read(parsed, Profiles));
        _wire = new Lazy<WireLog>(() => new WireLog(Terminal, Time));
        _login = new Lazy<LoginHandler>(() => new LoginHandler(Connection, Profiles, Time, _wire.Value));
    }

    public static Option<bool> Json { get; } = new("--json")
    {
        Description = "Print the answer, and nothing else, as JSON on stdout, and errors as JSON on stderr",
        Recursive = true,
    };

    public static Option<bool> Verbose { get; } = new("--verbose")
    {
        Description = "Print the requests to the server on stderr",
        Recursive = true,
    };

    public ParseResult Parsed { get; }

    public Interruption Interruption { get; }

    public Terminal Terminal { get; }

    public Profiles Profiles { get; } = Profiles.OfUser();

    public TimeProvider Time => TimeProvider.System;

    public Connection Connection => _connection.Value;

    public CancellationToken CancellationToken => Interruption.Token;

    /// <summary>The server, for the customer; disposed with the command.</summary>
    public ZoetropeClient Client
    {
        get => field ??= Kept(Open(Connection.BaseUrl, Connection.RequireApiKey()));
        private set;
    }

    /// <summary>The server, for its operator.</summary>
    public ZoetropeAdminClient Admin => field ??= Kept(OpenAdmin(Connection.BaseUrl, Connection.RequireAdminKey()));

    /// <summary>From now on, every request states that the user accepts a price of so many credits.</summary>
    public void Accept(long credits) => Client = Client.Confirming(credits);

    public T Value<T>(Option<T> option) => Parsed.GetValue(option)!;

    public T Value<T>(Argument<T> argument) => Parsed.GetValue(argument)!;

    /// <summary>A client for a server other than the chosen one; the caller disposes it.</summary>
    public ZoetropeClient Open(Uri address, string key) => new(address, key, Options());

    /// <summary>For the protocol that brings its own client; the caller disposes it.</summary>
    public HttpClient NewHttpClient() => new(Handler, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };

    public ZoetropeAdminClient OpenAdmin(Uri address, string key) => new(address, key, Options());

    /// <summary>Runs a command and turns whatever went wrong into one line and a number.</summary>
    public static async Task<int> RunAsync(ParseResult parsed, Interruption interruption, Func<Invocation, Task<int>> run)
    {
        using var invocation = new Invocation(parsed, interruption);
        try
        {
            return await run(invocation);
        }
        catch (OperationCanceledException exception) when (interruption.Token.IsCancellationRequested)
        {
            return Failures.Interrupted(invocation, exception as StoppedWaiting);
        }
        catch (Exception exception)
        {
            return Failures.Report(invocation, exception);
        }
    }

    public void Dispose()
    {
        foreach (var client in _clients)
        {
            client.Dispose();
        }

        if (_wire.IsValueCreated)
        {
            _wire.Value.Dispose();
        }
    }

    // Whatever asks the server; a login's token is renewed on the way. Before there is a connection nothing of it is needed.
    private HttpMessageHandler Handler =>
        _connection is { IsValueCreated: true, Value.Login: not null } ? _login.Value : _wire.Value;

    private ZoetropeClientOptions Options() => new() { Handler = Handler, Time = Time, MaxRetries = 3 };

    private T Kept<T>(T client)
        where T : IDisposable
    {
        _clients.Add(client);
        return client;
    }
}
