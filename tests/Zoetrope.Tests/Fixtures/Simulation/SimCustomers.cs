using System.Globalization;
using System.Text;
using Zoetrope.Server;
using Zoetrope.Server.Accounts;
using Zoetrope.Server.Admission;
using Zoetrope.Server.Admission.Commit;

namespace Zoetrope.Tests.Fixtures.Simulation;

/// <summary>
/// Customers who submit with a key for each request and send it again until they are answered, cancel, and run out of credits
/// and places; and the operator, who refunds.
/// </summary>
internal sealed class SimCustomers(SimWorld world)
{
    public const int InFlight = 4;

    private readonly Dictionary<string, string> _answers = new(StringComparer.Ordinal);
    private readonly List<Caller> _callers = [];
    private Server.Catalog.Models.ModelSpec[] _models = [];
    private int _waiting;

    public bool AreDone => _waiting == 0;

    /// <summary>What each request that was answered made.</summary>
    public IReadOnlyDictionary<string, string> Answers => _answers;

    public void Begin()
    {
        var accounts = 1 + world.Pick(3);
        var all = world.Lab.Catalog.Current.Models;
        _models = [.. Enumerable.Range(0, 1 + world.Pick(3)).Select(_ => all[world.Pick(all.Length)])];
        for (var i = 0; i < accounts; i++)
        {
            var caller = new Caller($"acct_{i}", $"key_{i}", KeyMode.Live, Plans.Enterprise, Scopes.All, new KeyLimits(null, InFlight)) { SpendsWith = $"key_{i}" };
            _callers.Add(caller);
            world.Lab.Rows.Run(async tx =>
            {
                await tx.ExecuteAsync("insert into accounts (id, name, plan, created_at) values (@AccountId, 'simulated', 'enterprise', 0)", caller);
                await tx.ExecuteAsync(
                    "insert into api_keys (id, account_id, mode, name, hash, prefix, scopes, created_at, kind) values (@ApiKeyId, @AccountId, 1, '', @hash, '', 3, 0, 'key')",
                    new { caller.ApiKeyId, caller.AccountId, hash = Encoding.UTF8.GetBytes(caller.ApiKeyId) });
                return true;
            });
            world.Lab.Rows.Run(tx => world.Nodes[0].Ledger.GrantAsync(tx, caller.AccountId, KeyMode.Live, 30 + world.Pick(200), "simulated"));
        }

        var requests = 1 + world.Pick(5);
        for (var i = 0; i < requests; i++)
        {
            var (caller, key, order) = (_callers[world.Pick(accounts)], $"request {i}", Order());
            _waiting++;
            world.Loop.At(world.Between(2, world.Pick(3) == 0 ? 5 : 200), () => Send(caller, key, order, tries: 12));
        }
    }

    private void Send(Caller caller, string key, Order order, int tries)
    {
        if (tries == 0)
        {
            _waiting--;
            return;
        }

        if (world.AnyNode() is not { } node)
        {
            world.Loop.At(world.Between(1, 10), () => Send(caller, key, order, tries - 1));
            return;
        }

        // The client hears an answer, or nothing for a while; either way it knows what to do only once.
        var isHeard = false;
        Action<TimeSpan, int> again = (after, left) =>
        {
            if (!isHeard)
            {
                isHeard = true;
                world.Loop.At(after, () => Send(caller, key, order, left));
            }
        };
        world.Loop.At(world.Between(20, 60), () => again(TimeSpan.Zero, tries - 1));
        node.At(world.Between(0, 0.05), () => _ = AnswerAsync());

        async Task AnswerAsync()
        {
            Outcome<Committed> outcome;
            try
            {
                outcome = await node.Lane.SubmitAsync(NewSubmit(caller, key, order));
            }
            catch (SimAwayException)
            {
                again(world.Between(0.5, 5), tries - 1);
                return;
            }

            if (outcome.Failed(out var problem, out var made))
            {
                world.Note($"{key} of {caller.AccountId} is refused: {problem.Kind.Code}");
                again(world.Between(10, 100), tries - 4 > 0 ? tries - 4 : 0);
                return;
            }

            world.Checks.Require(!_answers.TryGetValue(key, out var first) || first == made.Id, $"{key} made two tasks");
            if (world.Fault(world.Weather.Network / 2))
            {
                _answers[key] = made.Id;
                again(world.Between(0.5, 5), tries - 1);
                return;
            }

            if (isHeard)
            {
                return;
            }

            isHeard = true;
            _waiting--;
            _answers[key] = made.Id;
            if (world.Chance(0.25))
            {
                Cancel(caller, made.Id);
            }
        }
    }

    private void Cancel(Caller caller, string id) => world.Loop.At(world.Between(0, world.Pick(2) == 0 ? 2 : 400), () =>
    {
        if (world.AnyNode() is { } node)
        {
            world.Note($"{caller.AccountId} cancels {world.Checks.NameOf(id)}");
            node.At(TimeSpan.Zero, () => _ = CancelAsync(node, caller, id));
        }
    });

    private static async Task CancelAsync(SimNode node, Caller caller, string id)
    {
        try
        {
            await node.Cancels.RequestAsync(caller.AccountId, KeyMode.Live, id);
        }
        catch (SimAwayException)
        {
        }
    }

    private static Submit NewSubmit(Caller caller, string key, Order order)
    {
        OrderFacts[] facts = [new(order.Model.Id, order.Credits)];
        return new Submit
        {
            Caller = caller,
            Orders = [order],
            Credits = order.Credits,
            Idempotent = new IdempotentRequest(key, Encoding.UTF8.GetBytes(key)),
            Facts = facts,
            FactsColumn = StoredAnswer.Write(facts),
        };
    }

    private Order Order()
    {
        // Few models in one seed, so that their places and queues are full.
        var model = _models[world.Pick(_models.Length)];
        return new Order
        {
            Model = model,
            Prompt = world.Pick(1_000_000).ToString(CultureInfo.InvariantCulture),
            Parameters = "{}",
            Inputs = [],
            Output = SimLab.Output,
            Route = new RouteChoice(0, model.Routes[0].Provider),
            Credits = 5 + world.Pick(40),
            InputsColumn = null,
            OutputColumn = SimLab.OutputColumn,
        };
    }
}
