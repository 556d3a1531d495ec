using System.Buffers;
using System.Text;
using static Weft.Proxy.HttpFilters.Lua.Engine.LuaLibrary;

namespace Weft.Proxy.HttpFilters.Lua.Engine;

/// <summary>The values of a coroutine that the host may see: what it is called with, what it gives back. Nothing here raises an error of Lua's. One thread.</summary>
internal readonly unsafe struct LuaStack(nint state)
{
    private const int BytesOnStack = 512;

    public int Count => lua_gettop(state);

    public LuaKind KindAt(int index) => (LuaKind)lua_type(state, index);

    public double NumberAt(int index) => lua_tonumber(state, index);

    /// <summary>Cut off towards zero; 0 for what no integer can hold.</summary>
    public int IntegerAt(int index) => lua_tonumber(state, index) is > int.MinValue and < int.MaxValue and var number ? (int)number : 0;

    public bool BoolAt(int index) => lua_toboolean(state, index) != 0;

    /// <summary>A string's bytes, valid while it is on the stack; empty for anything else.</summary>
    public ReadOnlySpan<byte> BytesAt(int index)
    {
        if (KindAt(index) != LuaKind.String)
            return default;
        nuint length;
        var start = lua_tolstring(state, index, &length);
        return new ReadOnlySpan<byte>(start, (int)Math.Min(length, int.MaxValue));
    }

    /// <summary>A string as text; allocates.</summary>
    public string TextAt(int index) => Encoding.UTF8.GetString(BytesAt(index));

    public void PushNil() => lua_pushnil(state);

    public void Push(double number) => lua_pushnumber(state, number);

    public void Push(bool value) => lua_pushboolean(state, value ? 1 : 0);

    public void Push(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
            lua_pushlstring(state, start, (nuint)bytes.Length);
    }

    public void Push(string text)
    {
        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        var rented = most > BytesOnStack ? ArrayPool<byte>.Shared.Rent(most) : null;
        Span<byte> bytes = rented is null ? stackalloc byte[BytesOnStack] : rented;
        Push(bytes[..Encoding.UTF8.GetBytes(text, bytes)]);
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
    }

    /// <summary>A copy of a value that is there.</summary>
    public void PushCopy(int index) => lua_pushvalue(state, index);

    /// <summary>An empty table, with room.</summary>
    public void PushTable(int items, int fields) => lua_createtable(state, items, fields);

    /// <summary>Takes the topmost value as an item (from 1) of the table below it.</summary>
    public void SetItem(int item) => lua_rawseti(state, -2, item);

    /// <summary>Takes the two topmost values as key and value into the table below them.</summary>
    public void SetField() => lua_rawset(state, -3);

    /// <summary>Pushes an item of the table at <paramref name="index"/>.</summary>
    public void PushItem(int index, int item) => lua_rawgeti(state, index, item);

    /// <summary>Takes the key on top and pushes the next key and value of the table at <paramref name="index"/>; false, with nothing pushed, at its end.</summary>
    public bool Next(int index) => lua_next(state, index) != 0;

    public void Pop(int count = 1) => lua_settop(state, -count - 1);

    /// <summary>Room for so many values more; false when there is none.</summary>
    public bool HasRoom(int values) => lua_checkstack(state, values) != 0;

    /// <summary>What a host function gives back that has nothing to say.</summary>
    public int Nothing() => 0;

    public int Give(double number)
    {
        Push(number);
        return 1;
    }

    public int Give(ReadOnlySpan<byte> bytes)
    {
        Push(bytes);
        return 1;
    }

    public int Give(string text)
    {
        Push(text);
        return 1;
    }

    /// <summary>Refuses: the prelude raises it as an error of the script's.</summary>
    public int Refuse(string why)
    {
        Push(false);
        Push(why);
        return 2;
    }
}
