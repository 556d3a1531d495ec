using Google.Protobuf.Collections;
using Google.Protobuf.WellKnownTypes;

namespace Weft.Proxy.HttpFilters.Lua.Engine;

/// <summary>Values of metadata as Lua's, and back: structs and lists are tables. One thread.</summary>
internal static class LuaValues
{
    private const int MaxDepth = 64;
    private const int SlotsPerLevel = 4;

    public static void Push(LuaStack stack, Value value, int depth = 0)
    {
        switch (value.KindCase)
        {
            case Value.KindOneofCase.NumberValue:
                stack.Push(value.NumberValue);
                break;
            case Value.KindOneofCase.BoolValue:
                stack.Push(value.BoolValue);
                break;
            case Value.KindOneofCase.StringValue:
                stack.Push(value.StringValue);
                break;
            case Value.KindOneofCase.StructValue when CanNest(stack, depth):
                PushFields(stack, value.StructValue.Fields, depth + 1);
                break;
            case Value.KindOneofCase.ListValue when CanNest(stack, depth):
                PushItems(stack, value.ListValue.Values, depth + 1);
                break;
            default:
                stack.PushNil();
                break;
        }
    }

    public static void Push(LuaStack stack, Struct fields) => PushFields(stack, fields.Fields, 0);

    /// <summary>Reads the topmost value, which stays; null, and why, when metadata cannot hold it.</summary>
    public static Value? Read(LuaStack stack, out string fault, int depth = 0)
    {
        fault = "";
        var kind = stack.KindAt(-1);
        switch (kind)
        {
            case LuaKind.Nil:
            case LuaKind.None:
                return Value.ForNull();
            case LuaKind.Number:
                return Value.ForNumber(stack.NumberAt(-1));
            case LuaKind.Boolean:
                return Value.ForBool(stack.BoolAt(-1));
            case LuaKind.String:
                return Value.ForString(stack.TextAt(-1));
            case LuaKind.Table when CanNest(stack, depth):
                return ListLength(stack) is > 0 and var length ? ReadList(stack, length, out fault, depth + 1) : ReadStruct(stack, out fault, depth + 1);
            case LuaKind.Table:
                fault = $"tables in dynamicMetadata may be nested {MaxDepth} deep";
                return null;
            default:
                fault = $"unexpected type '{NameOf(kind)}' in dynamicMetadata";
                return null;
        }
    }

    private static bool CanNest(LuaStack stack, int depth) => depth < MaxDepth && stack.HasRoom(SlotsPerLevel);

    private static void PushFields(LuaStack stack, MapField<string, Value> fields, int depth)
    {
        stack.PushTable(0, fields.Count);
        foreach (var (name, value) in fields)
        {
            stack.Push(name);
            Push(stack, value, depth);
            stack.SetField();
        }
    }

    private static void PushItems(LuaStack stack, RepeatedField<Value> items, int depth)
    {
        stack.PushTable(items.Count, 0);
        for (var i = 0; i < items.Count; i++)
        {
            Push(stack, items[i], depth);
            stack.SetItem(i + 1);
        }
    }

    /// <summary>The length of the topmost table if its keys are 1, 2, 3 ... (a few may be missing); else 0.</summary>
    private static int ListLength(LuaStack stack)
    {
        var (largest, count) = (0, 0);
        stack.PushNil();
        while (stack.Next(-2))
        {
            var index = stack.KindAt(-2) == LuaKind.Number ? stack.IntegerAt(-2) : 0;
            if (index < 1 || index != stack.NumberAt(-2))
            {
                stack.Pop(2);
                return 0;
            }

            largest = Math.Max(largest, index);
            count++;
            stack.Pop();
        }

        // One far away would make a list that fills the memory.
        return largest <= 2 * count + 8 ? largest : 0;
    }

    private static Value? ReadList(LuaStack stack, int length, out string fault, int depth)
    {
        fault = "";
        var list = new ListValue();
        for (var i = 1; i <= length; i++)
        {
            stack.PushItem(-1, i);
            var item = Read(stack, out fault, depth);
            stack.Pop();
            if (item is null)
                return null;
            list.Values.Add(item);
        }

        return new Value { ListValue = list };
    }

    private static Value? ReadStruct(LuaStack stack, out string fault, int depth)
    {
        fault = "";
        var fields = new Struct();
        stack.PushNil();
        while (stack.Next(-2))
        {
            var kind = stack.KindAt(-2);
            if (kind != LuaKind.String)
                fault = $"unexpected type {NameOf(kind)} in table key (only string keys are supported)";
            var value = kind == LuaKind.String ? Read(stack, out fault, depth) : null;
            if (value is null)
            {
                stack.Pop(2);
                return null;
            }

            fields.Fields[stack.TextAt(-2)] = value;
            stack.Pop();
        }

        return Value.ForStruct(fields);
    }

    private static string NameOf(LuaKind kind) => kind is LuaKind.LightUserData or LuaKind.UserData ? "userdata" : kind.ToString().ToLowerInvariant();
}
